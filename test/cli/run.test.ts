import { describe, expect, test } from 'vitest';
import { transcript } from '../rig/cli.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';

describe('what was typed wrong is one line, one hint and status 2', () => {
  test.each([{ line: 'restage svae demo', why: 'an unknown command' }])('$why: $line', async ({ line }) => {
    using directory = temporaryDirectory();
    expect(await transcript(line, { directory: directory.path })).toMatchInlineSnapshot(`
      "$ restage svae demo
      ! restage: there is no command "svae"
      ! hint: Did you mean \`restage save\`
      exit 2"
    `);
  });
});
