import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRange } from '../../../src/cli/commands/data/get.ts';
import { readSince } from '../../../src/cli/commands/data/log.ts';
import { transcript, typed, type TypedAt } from '../../rig/cli.ts';
import { temporaryDirectory } from '../../rig/temporary-directory.ts';

/** A transcript in which versions, times and hosts are the same every time. */
async function shown(line: string, at: TypedAt): Promise<string> {
  return (await transcript(line, at))
    .replaceAll(at.directory, 'DIR')
    .replaceAll(/\b[0-9a-f]{40}\b/g, 'VERSION')
    .replaceAll(/\b[0-9a-f]{10}\b/g, 'VERS')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]+Z/g, 'TIME');
}

describe('restage data', () => {
  test('put, get, ls, log and diff', async () => {
    using place = temporaryDirectory();
    const at = { directory: place.path };
    await typed('restage init', at);
    expect(await shown('restage data put "raw qplan" --producer rino@lab', { ...at, input: 'one\ntwo\n' }))
      .toMatchInlineSnapshot(`
      "$ restage data put "raw qplan" --producer rino@lab
      qplan/raw  VERS  seq 1  8 B
      exit 0"
    `);
    expect(await shown('restage data put qplan/raw --producer rino@lab', { ...at, input: 'one\nthree\n' }))
      .toMatchInlineSnapshot(`
      "$ restage data put qplan/raw --producer rino@lab
      qplan/raw  VERS  seq 2  10 B
      exit 0"
    `);
    expect(await shown('restage data put qplan/raw', { ...at, input: 'one\nthree\n' })).toMatchInlineSnapshot(`
      "$ restage data put qplan/raw
      qplan/raw  VERS  seq 2  unchanged
      exit 0"
    `);
    expect(
      await shown('restage data put results/qplan --input qplan/raw@~1 --producer me', {
        ...at,
        input: 'x'.repeat(2500),
      }),
    ).toMatchInlineSnapshot(`
      "$ restage data put results/qplan --input qplan/raw@~1 --producer me
      qplan/results  VERS  seq 3  2.5 KB
      exit 0"
    `);
    expect(await shown('restage data get qplan/raw@~1', at)).toMatchInlineSnapshot(`
      "$ restage data get qplan/raw@~1
      one
      two
      exit 0"
    `);
    expect(await shown('restage data get qplan/raw --range 4-8', at)).toMatchInlineSnapshot(`
      "$ restage data get qplan/raw --range 4-8
      three
      exit 0"
    `);
    expect(await shown('restage data get qplan/raw --digest', at)).toMatchInlineSnapshot(`
      "$ restage data get qplan/raw --digest
      sha256:c9b0fb1fa00b3a5ce714c876c35bb18f21eed970d33d9093a3cbd7cf0c9db3dc
      exit 0"
    `);
    expect(await shown('restage data get qplan/raw --print', at)).toMatchInlineSnapshot(`
      "$ restage data get qplan/raw --print
      =====qplan raw
      	VERSION
      =====data
      	one
      	three
      exit 0"
    `);
    expect(await shown('restage data put qplan/raw --print', { ...at, input: 'a\nb' })).toMatchInlineSnapshot(`
      "$ restage data put qplan/raw --print
      =====PUT qplan raw
      	a
      	b
      exit 0"
    `);
    expect(await shown('restage data ls', at)).toMatchInlineSnapshot(`
      "$ restage data ls
      qplan/raw      VERS  seq 2  10 B
      qplan/results  VERS  seq 3  2.5 KB
      exit 0"
    `);
    expect(await shown('restage data ls qplan/raw --at seq:1', at)).toMatchInlineSnapshot(`
      "$ restage data ls qplan/raw --at seq:1
      qplan/raw  VERS  seq 1  8 B
      exit 0"
    `);
    expect(await shown('restage data log --inputs', at)).toMatchInlineSnapshot(`
      "$ restage data log --inputs
      TIME  3  qplan results  VERS  me        2.5 KB
          from qplan/raw@VERS
      TIME  2  qplan raw      VERS  rino@lab  10 B
      TIME  1  qplan raw      VERS  rino@lab  8 B
      exit 0"
    `);
    expect(await shown('restage data diff qplan/raw@~1', at)).toMatchInlineSnapshot(`
      "$ restage data diff qplan/raw@~1
      --- qplan/raw@VERS
      +++ qplan/raw@VERS
      @@ -1,2 +1,2 @@
       one
      -two
      +three
      exit 1"
    `);
    expect(await shown('restage data diff qplan/raw --stat', at)).toMatchInlineSnapshot(`
      "$ restage data diff qplan/raw --stat
      No difference between qplan/raw@VERS and qplan/raw@VERS
      exit 0"
    `);
    expect(await shown('restage data put qplan/raw --delete', at)).toMatchInlineSnapshot(`
      "$ restage data put qplan/raw --delete
      qplan/raw  VERS  seq 4  ended
      exit 0"
    `);
    expect(await shown('restage data ls --json', at)).toMatchInlineSnapshot(`
      "$ restage data ls --json
      {"schema":"restage/streams/1","streams":[{"stream":"qplan/results","topic":"qplan results","version":"VERSION","seq":3,"digest":"sha256:63939713c3d57421ab73577dd6d5cb07699deae2ee98de3ada79a5197aa6b915","size":2500}]}
      exit 0"
    `);
  });

  test.each([
    { input: 'ä\n', encoding: 'utf8', content: 'ä\n', why: 'text as it is' },
    { input: Buffer.of(0xff, 0x00), encoding: 'base64', content: '/wA=', why: 'other bytes in base64' },
  ])('get --json is one document: $why', async ({ input, encoding, content }) => {
    using place = temporaryDirectory();
    const at = { directory: place.path };
    await typed('restage init', at);
    writeFileSync(join(place.path, 'input'), input);
    await typed('restage data put raw input', at);
    const { stdout } = await typed('restage data get raw --json', at);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'restage/stream/1', stream: 'raw', encoding, content });
  });

  test('says what is wrong in one line, with one hint', async () => {
    using place = temporaryDirectory();
    const at = { directory: place.path };
    await typed('restage init', at);
    await typed('restage data put qplan/raw', { ...at, input: 'x' });
    expect(await shown('restage data get "qplan rwa"', at)).toMatchInlineSnapshot(`
      "$ restage data get "qplan rwa"
      ! restage: no stream "qplan rwa"; did you mean "qplan raw"?
      ! hint: List the streams with \`restage data ls\`
      exit 4"
    `);
    expect(await shown('restage data log nothing', at)).toMatchInlineSnapshot(`
      "$ restage data log nothing
      ! restage: no stream "nothing"
      ! hint: List the streams with \`restage data ls\`
      exit 4"
    `);
    expect(await shown('restage data get qplan/raw@dead', at)).toMatchInlineSnapshot(`
      "$ restage data get qplan/raw@dead
      ! restage: no version "dead" of stream "qplan raw"
      ! hint: List its versions with \`restage data log qplan/raw\`
      exit 4"
    `);
    expect(await shown('restage data put qplan/raw --expect absent', { ...at, input: 'y' })).toMatchInlineSnapshot(`
      "$ restage data put qplan/raw --expect absent
      ! restage: stream "qplan raw" is at VERS and not at absent
      ! hint: Read it again with \`restage data get qplan/raw\`, then repeat the change on what is there now
      exit 3"
    `);
    expect(await shown('restage data put qplan/raw no-such-file', at)).toMatchInlineSnapshot(`
      "$ restage data put qplan/raw no-such-file
      ! restage: there is no DIR/no-such-file
      ! hint: Look at the path
      exit 4"
    `);
    expect(await shown('restage data get qplan/raw --range x', at)).toMatchInlineSnapshot(`
      "$ restage data get qplan/raw --range x
      ! restage: --range x is no range of bytes
      ! hint: Write 0-99 or 100-
      exit 2"
    `);
    expect(await shown('restage data log --since soon', at)).toMatchInlineSnapshot(`
      "$ restage data log --since soon
      ! restage: --since soon is no time
      ! hint: Write 2026-11-20, 2026-11-20T09:14 or 2h
      exit 2"
    `);
    expect(await shown('restage serve --bind 0.0.0.0', at)).toMatchInlineSnapshot(`
      "$ restage serve --bind 0.0.0.0
      ! restage: 0.0.0.0 is reached by other machines, and nothing guards the ports
      ! hint: Leave --bind out, and reach the service over ssh: \`ssh -L 5000:127.0.0.1:5000 HOST\`
      exit 3"
    `);
    expect(await shown('restage serve --rep-port many', at)).toMatchInlineSnapshot(`
      "$ restage serve --rep-port many
      ! restage: repPort: is no port, which is a number up to 65535
      ! hint: Run the command with --help
      exit 2"
    `);
  });

  test('get writes a file whole or not at all', async () => {
    using place = temporaryDirectory();
    const at = { directory: place.path };
    await typed('restage init', at);
    await typed('restage data put a', { ...at, input: 'content' });
    writeFileSync(join(place.path, 'out'), 'something longer that was there', { mode: 0o600 });
    expect((await typed('restage data get a -o out', at)).status).toBe(0);
    expect(readFileSync(join(place.path, 'out'), 'utf8')).toBe('content');
    expect((await typed('restage data get b -o other', at)).status).toBe(4);
    expect(existsSync(join(place.path, 'other'))).toBe(false);
  });

  test('works without a workspace, in the store of the user', async () => {
    using place = temporaryDirectory();
    const at = { directory: place.path };
    expect((await typed('restage data put a', { ...at, input: 'mine' })).status).toBe(0);
    expect((await typed('restage data get a', at)).stdout).toBe('mine');
    expect(existsSync(join(place.path, '.restage'))).toBe(false);
  });
});

describe('a range', () => {
  test.each([
    { text: '0-99', size: 10, range: { start: 0, end: 10 } },
    { text: '0-0', size: 10, range: { start: 0, end: 1 } },
    { text: '5-', size: 10, range: { start: 5, end: 10 } },
    { text: '20-30', size: 10, range: { start: 10, end: 10 } },
  ])('$text of $size bytes', ({ text, size, range }) => {
    expect(readRange(text, size)).toEqual(range);
  });

  test.each(['', '-5', '5-4', 'a-b', '1-2-3'])('%j is none', (text) => {
    expect(() => readRange(text, 10)).toThrow(expect.objectContaining({ code: 'cli/usage' }));
  });
});

test.each([
  { text: '2026-11-20', since: Date.parse('2026-11-20T00:00:00Z') },
  { text: '2h', since: 10_000_000 - 7_200_000 },
  { text: '{2 hours ago}', since: 10_000_000 - 7_200_000 },
])('--since $text', ({ text, since }) => {
  expect(readSince(text, 10_000_000)).toBe(since);
});
