import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readHost } from '../../src/platform/host.ts';
import { createProc } from '../../src/platform/proc.ts';
import { createProcesses, type Launch, type Launched } from '../../src/platform/process.ts';
import { isAlive, kill } from '../rig/session.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../rig/temporary-directory.ts';

const host = readHost();
const processes = createProcesses(host);

function launchIn({ path }: TemporaryDirectory, argv: readonly string[], changes: Partial<Launch> = {}): Launch {
  const files = { out: join(path, 'out'), err: join(path, 'err') };
  return { program: '/bin/sh', argv: ['sh', ...argv], directory: path, variables: { A: '1' }, ...files, ...changes };
}

async function launched(launch: Launch): Promise<Launched> {
  const started = await processes.launch(launch);
  if ('failure' in started) throw new Error(started.failure);
  return started;
}

describe('launch', () => {
  test('appends to the files, hands over the variables, and says how it ended', async () => {
    using directory = temporaryDirectory();
    writeFileSync(join(directory.path, 'out'), 'before\n');
    const { ended } = await launched(launchIn(directory, ['-c', 'echo $A $0; pwd >&2; exit 3', 'me']));
    expect(await ended).toEqual({ code: 3, signal: null });
    expect(readFileSync(join(directory.path, 'out'), 'utf8')).toBe('before\n1 me\n');
    expect(readFileSync(join(directory.path, 'err'), 'utf8')).toBe(`${directory.path}\n`);
  });

  test.each([
    { change: { program: '/no/such/program' }, failure: 'ENOENT' },
    { change: { program: '/etc/passwd' }, failure: 'EACCES' },
    { change: { directory: '/no/such/directory' }, failure: 'ENOENT' },
  ])('answers $failure where the kernel refuses $change', async ({ change, failure }) => {
    using directory = temporaryDirectory();
    expect(await processes.launch(launchIn(directory, [], change))).toEqual({ failure });
  });

  test('knows a process even if it ends at once', async () => {
    using directory = temporaryDirectory();
    const all = await Promise.all(Array.from({ length: 20 }, () => launched(launchIn(directory, ['-c', ':']))));
    for (const { identity } of all) expect(identity).toMatchObject({ machineId: host.machineId, bootId: host.bootId });
    for (const { identity } of all) expect(identity.startTicks).toBeGreaterThan(0);
    await Promise.all(all.map(({ ended }) => ended));
  });
});

describe('signal', () => {
  test('reaches the process, and nobody once it has ended', async () => {
    using directory = temporaryDirectory();
    const { identity, ended } = await launched(launchIn(directory, ['-c', 'exec sleep 600']));
    expect(processes.state(identity)).toBe('alive');
    expect(processes.signal(identity, 'SIGKILL')).toBe('sent');
    expect(await ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(processes.signal(identity, 'SIGKILL')).toBe('gone');
    expect(processes.state(identity)).toBe('gone');
  });

  test.each([
    { change: { startTicks: 1 }, outcome: 'gone', why: 'the pid has another process by now' },
    { change: { bootId: 'another' }, outcome: 'gone', why: 'it was of another boot' },
    { change: { machineId: 'another' }, outcome: 'elsewhere', why: 'it is of another machine' },
  ])('is not sent: $why', async ({ change, outcome }) => {
    using directory = temporaryDirectory();
    const { identity } = await launched(launchIn(directory, ['-c', 'exec sleep 600']));
    try {
      expect(processes.signal({ ...identity, ...change }, 'SIGKILL')).toBe(outcome);
      expect(isAlive(identity.pid)).toBe(true);
    } finally {
      kill(identity.pid);
    }
  });
});

test('proc reads what is there, and has no answer for what is not', () => {
  const proc = createProc();
  expect(proc.pids()).toContain(process.pid);
  expect(proc.text(process.pid, 'cmdline')).toContain('node');
  expect(proc.link(process.pid, 'cwd')).toBe(process.cwd());
  expect(proc.descriptors(process.pid).length).toBeGreaterThan(0);
  expect(proc.uptimeTicks()).toBeGreaterThanOrEqual(proc.stat(process.pid)?.startTicks ?? Infinity);
  const { first, last } = proc.ephemeralPorts();
  expect(first).toBeLessThan(last);
  const nobody = 2 ** 30;
  expect([proc.stat(nobody), proc.text(nobody, 'environ'), proc.link(nobody, 'exe')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(proc.descriptors(nobody)).toEqual([]);
});
