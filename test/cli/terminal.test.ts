import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { homeVariables, runRestage } from '../rig/cli.ts';
import { hasTool } from '../rig/has-tool.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';

const launcher = join(import.meta.dirname, '../../bin/restage');
const QUESTION = /Perform 1 step.*\[y\/N\] /;

/** Types keys at a question, on a terminal of its own that `script` makes; answers the status and what was shown. */
async function answer(keys: string, cwd: string): Promise<{ readonly status: number; readonly shown: string }> {
  const child = spawn('script', ['--quiet', '--return', '--command', `${launcher} load demo`, '/dev/null'], {
    ...{ cwd, stdio: ['pipe', 'pipe', 'inherit'] },
    env: { ...process.env, ...homeVariables(cwd), TERM: 'xterm' },
  });
  const closed = once(child, 'close') as Promise<[number]>;
  let shown = '';
  let isTyped = false;
  for await (const piece of child.stdout) {
    shown += String(piece);
    if (isTyped || !QUESTION.test(shown)) continue;
    isTyped = true;
    child.stdin.write(keys);
  }
  return { status: (await closed)[0], shown };
}

describe.skipIf(!hasTool('script', ['--version'], 'bsdutils'))('on a terminal', () => {
  test.each([
    { keys: 'y\r', status: 0, shows: /Loaded demo: 1 of 1 step done/, why: 'yes' },
    { keys: '\r', status: 3, shows: /Nothing was changed/, why: 'Enter alone is no' },
    { keys: '\u0004', status: 3, shows: /Nothing was changed/, why: 'the end of input is no' },
    { keys: '\u0003', status: 130, shows: /restage:.*interrupted/, why: 'Ctrl-C is no answer' },
  ])('the question is answered with status $status: $why', async ({ keys, status, shows }) => {
    using directory = temporaryDirectory();
    const cwd = directory.path;
    writeFileSync(join(cwd, 'one.txt'), '1');
    for (const line of ['init', 'data put notes one.txt', 'save demo --only data']) {
      expect(await runRestage(line.split(' '), { cwd })).toMatchObject({ status: 0 });
    }
    expect(await runRestage(['data', 'put', 'notes'], { cwd, input: '2' })).toMatchObject({ status: 0 });
    const answered = await answer(keys, cwd);
    expect(answered.shown).toMatch(shows);
    expect(answered.status).toBe(status);
  });
});
