import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDaemons } from '../../src/platform/daemon.ts';
import { readHost } from '../../src/platform/host.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';

const host = readHost();
const daemons = createDaemons(['sh', '-c'], host);

test('starts a process of its own, says that it lives, ends it, and says that it is gone', async () => {
  using directory = temporaryDirectory();
  const log = join(directory.path, 'log');
  const owner = await daemons.start({ args: ['echo ready; exec sleep 60'], directory: directory.path, log });
  expect(daemons.state(owner)).toBe('alive');
  expect(await daemons.end(owner, 5000)).toBe('alive');
  expect(daemons.state(owner)).toBe('gone');
  expect(await daemons.end(owner, 5000), 'once more is fine').toBe('gone');
  expect(readFileSync(log, 'utf8')).toMatch(/^(ready\n)?$/);
});

test('insists with KILL where TERM is not heard', async () => {
  using directory = temporaryDirectory();
  const log = join(directory.path, 'log');
  const args = ['trap "" TERM; echo deaf; while :; do sleep 0.05; done'];
  const owner = await daemons.start({ args, directory: directory.path, log });
  for (const end = performance.now() + 10_000; !readFileSync(log, 'utf8').includes('deaf');) {
    if (performance.now() > end) throw new Error('it never became deaf');
    await new Promise((done) => setTimeout(done, 10));
  }
  expect(await daemons.end(owner, 200)).toBe('alive');
  expect(daemons.state(owner)).toBe('gone');
});

test('signals nobody whose identity differs, on this machine or another', async () => {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  const { machineId, bootId } = host;
  const pid = child.pid ?? 0;
  expect(await daemons.end({ machineId, bootId, pid, startTicks: 1 }, 100)).toBe('gone');
  expect(await daemons.end({ machineId: 'another', bootId, pid, startTicks: 1 }, 100)).toBe('elsewhere');
  expect(child.signalCode).toBeNull();
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(child.signalCode).toBe('SIGKILL');
});
