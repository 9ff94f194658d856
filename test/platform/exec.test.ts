import { describe, expect, test } from 'vitest';
import { createExec, createStart } from '../../src/platform/exec.ts';
import { readProcessStat } from '../../src/platform/host.ts';
import { RestageError } from '../../src/errors.ts';

const idle = new AbortController().signal;

describe('exec', () => {
  const exec = createExec(idle);

  test.each([
    { file: 'true', args: [], status: 0, why: 'it went well' },
    { file: 'sh', args: ['-c', 'exit 7'], status: 7, why: 'its own status' },
    { file: 'sh', args: ['-c', 'kill -TERM $$'], status: 143, why: '128 and the number of the signal' },
    { file: 'no-such-program-here', args: [], status: 127, why: 'there is none' },
  ])('$file $args ends with $status: $why', async ({ file, args, status }) => {
    expect(await exec(file, args)).toMatchObject({ status });
  });

  test('a status that is not expected is a failure with the last words of the program', async () => {
    const failing = exec('sh', ['-c', 'echo one >&2; echo two >&2; exit 7'], { expect: [0] });
    await expect(failing).rejects.toMatchObject({ code: 'exec/failed', message: 'sh ended with 7: two' });
    await expect(exec('no-such-program-here', [], { expect: [0] })).rejects.toMatchObject({ code: 'exec/not-found' });
  });

  test('arguments reach the program as they are: there is no shell', async () => {
    const { stdout } = await exec('printf', ['%s|', '$HOME; ls', '*', "a'b"]);
    expect(stdout).toBe("$HOME; ls|*|a'b|");
  });

  test('input, variables and directory are handed over, and text is that of no language', async () => {
    const { stdout } = await exec('sh', ['-c', 'cat; echo "$A $LC_ALL"; pwd'], {
      ...{ input: 'in\n', env: { A: '1' }, cwd: '/' },
    });
    expect(stdout).toBe('in\n1 C.UTF-8\n/\n');
  });

  test('a program that ends before it has read its input is no failure', async () => {
    expect(await exec('true', [], { input: 'x'.repeat(1 << 20) })).toMatchObject({ status: 0 });
  });

  test('an abort kills the whole group, and rejects with its reason', async () => {
    const controller = new AbortController();
    const start = createStart(controller.signal);
    const program = start('sh', ['-c', 'sleep 100 & echo $!; wait']);
    const [child] = (await program.stdout.take(1).toArray()) as [Buffer];
    const reason = new RestageError('run/interrupted', 'interrupted');
    const running = createExec(controller.signal)('sleep', ['100']);
    controller.abort(reason);
    await expect(running).rejects.toBe(reason);
    expect(await program.ended).toBe(137);
    await expect.poll(() => readProcessStat(Number(child))?.state ?? 'gone', { timeout: 5000 }).toMatch(/^(gone|Z)$/);
  });
});
