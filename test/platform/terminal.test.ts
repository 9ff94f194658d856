import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const terminal = join(import.meta.dirname, '../../src/platform/terminal.ts');

/** Runs a script with the functions of the module in a process of its own. */
function run(script: string): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const text = `import { createTerminal, exitOnBug } from ${JSON.stringify(terminal)};\n${script}`;
  const args = ['--input-type=module-typescript', '--no-warnings', '--eval', text];
  return spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 30_000 });
}

test.each([
  { script: 'setTimeout(() => { throw new Error("x broke"); });', why: 'thrown where nobody catches' },
  { script: 'void Promise.reject(new Error("x broke"));', why: 'a promise that nobody waits for' },
])('a bug ends the process with its status and a stack: $why', ({ script }) => {
  const { status, stderr } = run(`exitOnBug(70);\n${script}`);
  expect(status).toBe(70);
  expect(stderr).toMatch(/^restage: this is a bug of restage: Error: x broke\n {4}at /);
});

test('timers do not keep the process alive, and what is written arrives whole', () => {
  const { status, stdout } = run(`
    const { out, after, every } = createTerminal('/');
    after(600_000, () => undefined);
    every(600_000, () => undefined);
    await out.write('x'.repeat(1 << 20));`);
  expect([status, stdout.length]).toEqual([0, 1 << 20]);
});

test('without a terminal nobody can be asked', () => {
  const { stdout } = run(`const { isInteractive, out } = createTerminal('/');
    await out.write(JSON.stringify([isInteractive, out.isTerminal, out.columns()]));`);
  expect(JSON.parse(stdout)).toEqual([false, false, 80]);
});
