import { describe, expect, test } from 'vitest';
import { diff } from '../../src/snapshot/diff.ts';
import { save } from '../../src/snapshot/save.ts';
import { load, undo } from '../rig/snapshots.ts';
import { LIMITS, testbed } from './rig/testbed.ts';

const CHANGES = { settings: {} };

describe('nodes as a layer', () => {
  test('what was wrecked is named, planned and put back, and undo wrecks it again', async () => {
    await using bed = await testbed(4);
    const { context } = bed.rig;
    await save({ name: 'a', ...CHANGES }, context);
    await bed.commands.power(['fit03'], 'off', LIMITS);
    await bed.commands.load(['fit02'], 'fedora-36', LIMITS, () => undefined);

    const { differences } = await diff({ from: 'a', to: 'live', ...CHANGES }, context);
    expect(differences).toEqual([
      { layer: 'nodes', change: 'changed', type: 'image', item: 'fit02', from: 'ubuntu-22.04', to: 'fedora-36' },
      { layer: 'nodes', change: 'changed', type: 'power', item: 'fit03', from: 'on', to: 'off' },
    ]);

    const report = await load('a', context);
    expect(
      report.steps.map(({ step, outcome }) => `${step.action} ${step.item} ${step.from} -> ${step.to} ${outcome}`),
    ).toEqual(['image fit02 fedora-36 -> ubuntu-22.04 done', 'power fit03 off -> on done']);
    expect(report.outcome).toBe('loaded');
    expect((await load('a', context)).outcome).toBe('nothing');

    expect((await undo(context)).outcome).toBe('loaded');
    expect(await bed.power()).toEqual({ fit01: 'on', fit02: 'on', fit03: 'off', fit04: 'on' });
  });
});
