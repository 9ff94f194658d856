import { describe, expect, test } from 'vitest';
import type { LayerSettings } from '../../src/model/request.ts';
import type { SnapshotContext } from '../../src/snapshot/context.ts';
import { diff } from '../../src/snapshot/diff.ts';
import { save } from '../../src/snapshot/save.ts';
import { load, undo } from '../rig/snapshots.ts';
import { LIMITS, testbed, type Testbed } from './rig/testbed.ts';

describe('nodes as a layer', () => {
  test('what was wrecked is named, planned and put back, and undo wrecks it again', async () => {
    await using bed = await testbed(4);
    const { context } = bed.rig;
    expect(await save({ name: 'a', settings: {} }, context)).toMatchObject({ notKept: [], unresolved: [] });
    await bed.commands.power(['fit03'], 'off', LIMITS);
    await bed.commands.power(['fit04'], 'on', LIMITS, 'usrp');
    await loadImage(bed, 'fit02', 'fedora-36');
    expect(await differences('a', context)).toEqual([
      'image fit02 ubuntu-22.04 -> fedora-36',
      'power fit03 on -> off',
      'outlet fit04 usrp off -> on',
    ]);

    const report = await load('a', context);
    expect(
      report.steps.map(({ step, outcome }) => `${step.action} ${step.item}: ${step.to ?? ''}, ${outcome}`),
    ).toEqual(['image fit02: ubuntu-22.04, done', 'power fit03: on, done', 'outlet fit04 usrp: off, done']);
    expect(report.outcome).toBe('loaded');
    expect(await differences('a', context)).toEqual([]);
    expect((await load('a', context)).outcome).toBe('nothing');

    expect((await undo(context)).outcome).toBe('loaded');
    expect(await bed.power()).toEqual({ fit01: 'on', fit02: 'on', fit03: 'off', fit04: 'on' });
  });

  test('equal states have equal digests, also after they were wrecked and put back', async () => {
    await using bed = await testbed(2);
    const { context } = bed.rig;
    const first = await save({ name: 'a', settings: {} }, context);
    await loadImage(bed, 'fit01', 'fedora-36');
    await bed.commands.power(['fit02'], 'off', LIMITS);
    await load('a', context);
    const second = await save({ name: 'b', settings: {} }, context);
    expect(second.digest).toBe(first.digest);
  });

  test('a disk that differs from its image is copied when asked, and put back byte by byte', async () => {
    await using bed = await testbed(2);
    const { context } = bed.rig;
    await writeOnDisk(bed, 'fit01', 'first');
    await save({ name: 'a', settings: { images: 'changed' } }, context);
    await writeOnDisk(bed, 'fit01', 'second');
    const check: LayerSettings = { check: 'blocks' };
    expect(await differences('a', context, check), 'one name, told apart by digits').toMatchObject([
      expect.stringMatching(/^image fit01 ubuntu-22.04 \([0-9a-f]{12}\) -> ubuntu-22.04 \([0-9a-f]{12}\)$/),
    ]);
    expect((await load('a', context, { settings: check })).outcome).toBe('loaded');
    expect(await readFromDisk(bed, 'fit01')).toBe('first');
    expect(await differences('a', context)).toEqual([]);
  });

  test('power alone is put back with onlyPower, others are switched off with others: off', async () => {
    await using bed = await testbed(3);
    const { context } = bed.rig;
    await save({ name: 'part', settings: { nodes: '1-2' } }, context);
    await loadImage(bed, 'fit01', 'fedora-36');
    await bed.commands.power(['fit02'], 'off', LIMITS);
    const report = await load('part', context, { settings: { onlyPower: true, others: 'off' } });
    expect(report.steps.map(({ step }) => `${step.action} ${step.item} ${step.to ?? ''}`)).toEqual([
      'power fit02 on',
      'power fit03 off',
    ]);
    expect(await bed.power()).toEqual({ fit01: 'on', fit02: 'on', fit03: 'off' });
    expect(await differences('part', context), 'a part is compared with that part').toEqual([
      'image fit01 ubuntu-22.04 -> fedora-36',
    ]);
  });

  test('a load that cannot be done is refused before anything is touched, and names each node and a way out', async () => {
    await using bed = await testbed(3);
    const { context } = bed.rig;
    await save({ name: 'a', settings: {} }, context);
    await bed.commands.power(['fit02', 'fit03'], 'off', LIMITS);
    await bed.break({ fit02: { card: 'dead' } });
    await expect(load('a', context)).rejects.toMatchObject({ code: 'load/impossible' });
    expect(await bed.power()).toEqual({ fit01: 'on', fit02: 'unknown', fit03: 'off' });
    expect((await load('a', context, { settings: { except: '2' } })).outcome).toBe('loaded');
    expect(await bed.power()).toEqual({ fit01: 'on', fit02: 'unknown', fit03: 'on' });
  });

  test('what cannot be read stays unknown: a dead card, a system without a stamp of ours', async () => {
    await using bed = await testbed(3);
    const { context } = bed.rig;
    await bed.break({ fit01: { card: 'dead' } });
    await putFile(bed, 'fit02', '/etc/rhubarbe-image', '2020-01-01@10:00 - node fit02 - image theirs - by them\n');
    const saved = await save({ name: 'a', settings: {} }, context);
    expect(saved.unresolved.map(({ item, why }) => `${item}: ${why}`)).toEqual([
      'fit01: power unknown (power-unknown)',
      'fit02: image unknown (stamp-unknown)',
    ]);
    expect(saved.notKept).toMatchObject([{ what: 'image of 1 node' }]);
    expect((await load('a', context)).outcome, 'unknown on both sides is left').toBe('nothing');
  });

  test('without an inventory the layer is not here, with one that cannot be read the save says so', async () => {
    await using bed = await testbed(0);
    const { context } = bed.rig;
    await expect(save({ name: 'a', settings: {} }, context)).rejects.toMatchObject({ code: 'layer/unavailable' });
    await context.files.write(`${bed.rig.path}/inventory.yaml`, 'testbed: t\nnodes: {a: {}}\n');
    await expect(save({ name: 'a', settings: {} }, context)).rejects.toMatchObject({ code: 'inventory/malformed' });
  });
});

async function loadImage({ commands }: Testbed, node: string, image: string): Promise<void> {
  const [result] = await commands.load([node], image, { ...LIMITS, check: 'stamp' }, () => undefined);
  expect(result).toMatchObject({ ok: true });
}

async function differences(name: string, context: SnapshotContext, settings: LayerSettings = {}): Promise<string[]> {
  const report = await diff({ from: name, to: 'live', settings }, context);
  return report.differences.map(({ type, item, from = '', to = '' }) => `${type} ${item} ${from} -> ${to}`);
}

async function writeOnDisk(bed: Testbed, node: string, text: string): Promise<void> {
  await putFile(bed, node, '/etc/motd', text);
}

async function putFile(bed: Testbed, node: string, path: string, body: string): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${await portOf(bed, node)}/files${path}`, { method: 'PUT', body });
  expect(response.status).toBe(200);
}

async function readFromDisk(bed: Testbed, node: string): Promise<string> {
  const body = JSON.stringify({ file: 'cat', args: ['/etc/motd'] });
  const response = await fetch(`http://127.0.0.1:${await portOf(bed, node)}/exec`, { method: 'POST', body });
  return ((await response.json()) as { stdout: string }).stdout;
}

async function portOf({ commands }: Testbed, name: string): Promise<number> {
  const lab = await commands.labState();
  return lab?.nodes.find((node) => node.name === name)?.port ?? 0;
}
