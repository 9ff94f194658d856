import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { nodesCommands } from '../../../src/nodes/commands.ts';
import { createDaemons } from '../../../src/platform/daemon.ts';
import { readHost, readProcessStat } from '../../../src/platform/host.ts';
import { LIMITS, testbed, type Testbed } from '../rig/testbed.ts';

describe('a lab', () => {
  test('is up at once with all nodes on, their images known and their systems answering', async () => {
    await using bed = await testbed(3);
    expect(await bed.power()).toEqual({ fit01: 'on', fit02: 'on', fit03: 'on' });
    const results = await bed.commands.wait(bed.names, LIMITS, 50, () => undefined);
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect((await bed.commands.images()).map(({ name }) => name)).toEqual(['fedora-36', 'ubuntu-22.04']);
    expect(await bed.commands.labUp({ count: 3 }), 'twice is fine').toMatchObject({ outcome: 'already' });
  });

  test('comes back as it was after kill -9: same ports, same power, same boots', async () => {
    await using bed = await testbed(2);
    await bed.commands.power(['fit02'], 'off', LIMITS);
    const before = await labState(bed);
    const disk = readFileSync(join(bed.state, 'lab/nodes/fit01.json'), 'utf8');
    process.kill(before.pid, 'SIGKILL');
    await until(async () => (await labState(bed)).process === 'gone');
    expect(await bed.power(), 'no card answers').toEqual({ fit01: 'unknown', fit02: 'unknown' });

    expect(await bed.commands.labUp({})).toMatchObject({ outcome: 'restarted' });
    expect((await labState(bed)).nodes).toEqual(before.nodes);
    expect(await bed.power()).toEqual({ fit01: 'on', fit02: 'off' });
    expect(readFileSync(join(bed.state, 'lab/nodes/fit01.json'), 'utf8')).toBe(disk);
  });

  test('is gone after `lab down`, and nothing is left of it', async () => {
    await using bed = await testbed(1);
    const { pid } = await labState(bed);
    expect(await bed.commands.labDown()).toEqual({ wasUp: true });
    expect(readProcessStat(pid)?.state ?? 'Z').toBe('Z');
    expect(existsSync(join(bed.state, 'lab'))).toBe(false);
    expect(existsSync(join(bed.state, 'loaded/fit01.json'))).toBe(false);
    expect(await bed.commands.labDown()).toEqual({ wasUp: false });
    await expect(bed.commands.status(['fit01'], LIMITS)).rejects.toMatchObject({ code: 'inventory/missing' });
  });

  test('ends by itself when its folder is removed', async () => {
    await using bed = await testbed(1);
    const { pid } = await labState(bed);
    rmSync(join(bed.state, 'lab'), { recursive: true });
    await until(async () => (readProcessStat(pid)?.state ?? 'Z') === 'Z');
  });

  test('a process that only has the pid of the lab is not signalled', async () => {
    await using bed = await testbed(1);
    const { pid } = await labState(bed);
    changeDaemon(bed, { startTicks: 1, pid: process.pid });
    expect(await bed.commands.labDown()).toEqual({ wasUp: true });
    await until(async () => (readProcessStat(pid)?.state ?? 'Z') === 'Z');
  });

  test.each([
    { count: 3, code: 'lab/other', why: 'another number of nodes' },
    { faults: 'fit01: {card: funny}', code: 'lab/faults', why: 'a fault that there is not' },
    { faults: ': [', code: 'lab/faults', why: 'no YAML' },
  ])('refuses $why with $code', async ({ count, faults, code }) => {
    await using bed = await testbed(1);
    const file = join(bed.rig.path, 'faults.yaml');
    writeFileSync(file, faults ?? '');
    await expect(bed.commands.labUp({ count, ...(faults !== undefined && { faults: file }) })).rejects.toMatchObject({
      code,
    });
  });

  test('refuses a number of nodes that is none, an unknown image, and leaves nothing behind', async () => {
    await using bed = await testbed(0);
    await expect(bed.commands.labUp({ count: 0 })).rejects.toMatchObject({ code: 'cli/usage' });
    await expect(bed.commands.labUp({ count: 1, image: 'windows' })).rejects.toMatchObject({ code: 'image/unknown' });
    expect(await bed.commands.labState()).toBeUndefined();
  });

  test('says why its process did not start', async () => {
    await using bed = await testbed(0);
    const daemons = createDaemons(['/bin/false'], readHost());
    const commands = nodesCommands({ ...bed.setup, daemons });
    await expect(commands.labUp({ count: 1 })).rejects.toMatchObject({ code: 'lab/failed' });
  });

  test('of another machine is left alone, as is one that is just being started', async () => {
    await using bed = await testbed(1);
    const daemon = join(bed.state, 'lab/daemon.json');
    const before = readFileSync(daemon, 'utf8');
    changeDaemon(bed, { machineId: 'another' });
    await expect(bed.commands.labUp({})).rejects.toMatchObject({ code: 'lab/elsewhere' });
    await expect(bed.commands.labDown()).rejects.toMatchObject({ code: 'lab/elsewhere' });
    writeFileSync(daemon, before);
    const [first, second] = await Promise.allSettled([bed.commands.labDown(), bed.commands.labDown()]);
    const codes = [first, second].map((end) =>
      end.status === 'rejected' ? (end.reason as { code: string }).code : 'ok',
    );
    expect(codes.sort()).toEqual(['lab/busy', 'ok']);
  });
});

async function labState({ commands }: Testbed) {
  const state = await commands.labState();
  if (!state) throw new Error('there is no lab');
  return state;
}

function changeDaemon({ state }: Testbed, change: Readonly<Record<string, string | number>>): void {
  const path = join(state, 'lab/daemon.json');
  const daemon = JSON.parse(readFileSync(path, 'utf8')) as { process: object };
  writeFileSync(path, JSON.stringify({ ...daemon, process: { ...daemon.process, ...change } }));
}

/** Looks again and again, for at most 10 s: nothing tells us of the end of a process that is not our child. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + 10_000;
  while (performance.now() < end) {
    if (await holds()) return;
    await delay(20);
  }
  throw new Error('it did not happen in 10 s');
}
