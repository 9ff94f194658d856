import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { releaseLock, sweepLocks, takeLock } from '../../src/nodes/locks.ts';
import { readHost } from '../../src/platform/host.ts';
import { timeText } from '../../src/model/time.ts';
import { testbed } from './rig/testbed.ts';

describe('the lock of a node', () => {
  test('is held by one run, given back by that run only, and appears whole', async () => {
    await using bed = await testbed(0);
    expect(await takeLock('fit01', 'r-1', 1000, bed.setup)).toEqual({ ok: true, value: undefined });
    expect(await takeLock('fit01', 'r-2', 1000, bed.setup)).toMatchObject({
      ok: false,
      code: 'lock-held',
      detail: expect.stringMatching(/works on it \(run r-1, until .*Z\)$/) as string,
    });
    await releaseLock('fit01', 'r-2', bed.setup);
    expect(await takeLock('fit01', 'r-3', 1000, bed.setup)).toMatchObject({ ok: false });
    await releaseLock('fit01', 'r-1', bed.setup);
    expect(await takeLock('fit01', 'r-4', 1000, bed.setup)).toMatchObject({ ok: true });
    expect(readdirSync(join(bed.state, 'locks'))).toEqual(['fit01.json']);
  });

  test('is taken by exactly one of many that want it at once, also when a dead one lies there', async () => {
    await using bed = await testbed(0);
    await takeLock('fit01', 'r-dead', 1000, bed.setup);
    changeOwner(bed.state, { startTicks: 1 });
    const wanting = Array.from({ length: 12 }, (_, index) => takeLock('fit01', `r-${index}`, 1000, bed.setup));
    const answers = await Promise.all(wanting);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
  });

  test.each([
    { change: { startTicks: 1 }, expires: 60_000, taken: true, why: 'its owner is gone' },
    { change: { bootId: 'before' }, expires: 60_000, taken: true, why: 'this machine has started again since' },
    { change: { machineId: 'another' }, expires: 60_000, taken: false, why: 'another machine has to be asked' },
    { change: { machineId: 'another' }, expires: -1000, taken: true, why: 'that of another machine has expired' },
    { change: {}, expires: -1000, taken: false, why: 'a living owner keeps it, late as it is' },
  ])('is broken or not: $why', async ({ change, expires, taken }) => {
    await using bed = await testbed(0);
    await takeLock('fit01', 'r-1', 1000, bed.setup);
    changeOwner(bed.state, change, timeText(Date.now() + expires));
    expect((await takeLock('fit01', 'r-2', 1000, bed.setup)).ok).toBe(taken);
  });

  test('that cannot be read is swept', async () => {
    await using bed = await testbed(0);
    await takeLock('fit01', 'r-1', 1000, bed.setup);
    writeFileSync(join(bed.state, 'locks/fit02.json'), '{"own');
    expect(await sweepLocks(bed.setup)).toEqual(['fit02']);
    expect(readdirSync(join(bed.state, 'locks'))).toEqual(['fit01.json']);
  });
});

function changeOwner(state: string, change: object, expires = '2999-01-01T00:00:00Z'): void {
  const { machineId, bootId, pid, startTicks } = readHost();
  const owner = { machineId, bootId, pid, startTicks, host: 'lab', user: 'rino', ...change };
  writeFileSync(join(state, 'locks/fit01.json'), JSON.stringify({ owner, run: 'r-1', expires }));
}
