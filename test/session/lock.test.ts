import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { whileLocked } from '../../src/session/lock.ts';
import { sessionRig } from '../rig/session.ts';

test('one command at a time acts, and all do', async () => {
  await using rig = await sessionRig();
  let inside = 0;
  const done: number[] = [];
  await Promise.all(
    Array.from({ length: 12 }, (_, index) =>
      whileLocked(rig.context, async () => {
        inside += 1;
        expect(inside).toBe(1);
        await rig.context.clock.sleep(1);
        inside -= 1;
        done.push(index);
      }),
    ),
  );
  expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, index) => index));
  expect(readdirSync(join(rig.path, '.restage/session/lock')), 'passed claims are removed').toHaveLength(1);
});

test('what a failing command held is free again', async () => {
  await using rig = await sessionRig();
  await expect(whileLocked(rig.context, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
  expect(await whileLocked(rig.context, async () => 'free')).toBe('free');
});

test.each([
  { owner: { pid: 2 ** 30 }, free: false, outcome: 'taken', why: 'its process is gone' },
  { owner: { bootId: 'another' }, free: false, outcome: 'taken', why: 'it is of another boot' },
  { owner: { machineId: 'another' }, free: false, outcome: 'session/busy', why: 'another machine may be at work' },
  { owner: { machineId: 'another' }, free: true, outcome: 'taken', why: 'another machine has given it back' },
])('a lock that was left behind is $outcome: $why', async ({ owner, free, outcome }) => {
  await using rig = await sessionRig();
  const { machineId, bootId, pid, startTicks } = rig.context.host;
  const directory = join(rig.path, '.restage/session/lock');
  mkdirSync(directory, { recursive: true });
  writeFileSync(
    join(directory, '7'),
    JSON.stringify({ owner: { machineId, bootId, pid, startTicks, ...owner }, host: 'lab7', free }),
  );
  const taken = whileLocked(rig.context, async () => 'taken').catch(
    (error: unknown) => (error as { code: string }).code,
  );
  expect(await taken).toBe(outcome);
});
