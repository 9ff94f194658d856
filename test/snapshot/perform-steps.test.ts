import { expect, test } from 'vitest';
import { RestageError } from '../../src/errors.ts';
import type { PlanStep } from '../../src/model/plan.ts';
import type { Layer } from '../../src/snapshot/layer.ts';
import { save } from '../../src/snapshot/save.ts';
import { jsonFileLayer } from '../rig/layers.ts';
import { load, snapshotRig, type SnapshotRig } from '../rig/snapshots.ts';

/** A rig in which `x` was saved over nodes and three of them changed since. */
async function threeChanged(layer: Partial<Layer>): Promise<SnapshotRig> {
  const rig = await snapshotRig({ layers: [{ ...(jsonFileLayer('nodes') as Layer), ...layer }] });
  rig.write('nodes', { a: 'on', b: 'on', c: 'on' });
  await save({ name: 'x', settings: {} }, rig.context);
  rig.write('nodes', { a: 'off', b: 'off', c: 'off' });
  return rig;
}

async function failAtA({ item }: PlanStep): Promise<void> {
  if (item === 'a') throw new RestageError('exec/failed', 'a is dead');
}

test('lanes are worked on at once, and a step that fails ends its lane only', async () => {
  const begun = new Set<string>();
  const allBegun = Promise.withResolvers<undefined>();
  await using rig = await threeChanged({
    laneOf: (step: PlanStep) => step.item,
    apply: async (step: PlanStep) => {
      begun.add(step.item);
      if (begun.size === 3) allBegun.resolve(undefined);
      await allBegun.promise; // For ever, if one were to wait for another.
      await failAtA(step);
    },
  });
  const { outcome, steps } = await load('x', rig.context);
  expect(outcome).toBe('failed');
  expect(steps.map(({ step, outcome: of }) => `${step.item} ${of}`)).toEqual(['a failed', 'b done', 'c done']);
});

test('a layer without lanes goes a step at a time, and ends at the first that fails', async () => {
  await using rig = await threeChanged({ apply: failAtA });
  const { steps } = await load('x', rig.context);
  expect(steps.map(({ step, outcome }) => `${step.item} ${outcome}`)).toEqual(['a failed', 'b left', 'c left']);
});
