import { copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../src/model/digest.ts';
import { diff } from '../../src/snapshot/diff.ts';
import { collect } from '../../src/snapshot/gc.ts';
import { listSnapshots } from '../../src/snapshot/list.ts';
import { logSaves } from '../../src/snapshot/log.ts';
import { performRemoval, planRemoval } from '../../src/snapshot/remove.ts';
import { save } from '../../src/snapshot/save.ts';
import { verifySnapshot } from '../../src/snapshot/verify.ts';
import { view } from '../../src/snapshot/view.ts';
import { load, snapshotRig, undo, type SnapshotRigOptions } from '../rig/snapshots.ts';

const DAY = 86_400_000;

/** `x` saved over data and session, then the data changed. */
async function savedRig(options: SnapshotRigOptions = {}) {
  const rig = await snapshotRig(options);
  rig.write('data', { a: 'one', b: 'big: not kept' });
  rig.write('session', { u: 'run' });
  await save({ name: 'x', message: 'first', settings: {} }, rig.context);
  rig.write('data', { a: 'two', b: 'big: not kept' });
  return rig;
}

/** A clock that the test holds, from now on. */
function heldClock() {
  let now = 1_795_000_000_000;
  const clock = { now: () => now, monotonic: () => now, sleep: () => Promise.resolve() };
  return {
    clock,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe('diff', () => {
  test.each([
    { from: 'x', to: 'live', items: ['changed data a'], why: 'a snapshot and now' },
    { from: 'live', to: 'x', items: ['changed data a'], why: 'the other way round' },
    { from: 'x', to: 'x', items: [], why: 'a snapshot and itself' },
  ])('$from to $to: $why', async ({ from, to, items }) => {
    await using rig = await savedRig();
    const report = await diff({ from, to, settings: {} }, rig.context);
    expect(report.differences.map(({ change, layer, item }) => `${change} ${layer} ${item}`)).toEqual(items);
    expect(report).toMatchObject({ isSame: items.length === 0, layers: ['data', 'session'] });
  });

  test('captures only the layers that the snapshot has', async () => {
    await using rig = await savedRig();
    await save({ name: 'y', only: ['session'], settings: {} }, rig.context);
    rig.write('nodes', { n: 'on' });
    expect(await diff({ from: 'y', to: 'live', settings: {} }, rig.context)).toMatchObject({
      layers: ['session'],
      isSame: true,
    });
  });

  test('counts a layer that one side lacks as different, and says which', async () => {
    await using rig = await savedRig();
    await save({ name: 'y', only: ['session'], settings: {} }, rig.context);
    const report = await diff({ from: 'x', to: 'y', settings: {} }, rig.context);
    expect(report).toMatchObject({ isSame: false, missing: [{ layer: 'data', side: 'to' }], layers: ['session'] });
    const asked = await diff({ from: 'y', to: 'live', only: ['nodes'], settings: {} }, rig.context);
    expect(asked).toMatchObject({ isSame: false, missing: [{ layer: 'nodes', side: 'from' }] });
  });

  test('refuses to compare now with now', async () => {
    await using rig = await savedRig();
    await expect(diff({ from: 'live', to: 'live', settings: {} }, rig.context)).rejects.toMatchObject({
      code: 'cli/usage',
    });
  });
});

describe('view', () => {
  test('describes each layer, how it was saved and what it does not hold', async () => {
    await using rig = await savedRig();
    expect(await view({ snapshot: 'x' }, rig.context)).toMatchObject({
      ...{ name: 'x', place: 'directory', keptBytes: 6, saved: { name: 'x', message: 'first' } },
      layers: [
        { layer: 'data', headline: '2 items' },
        { layer: 'session', headline: '1 items' },
      ],
      notKept: [{ layer: 'data', what: 'b' }],
    });
    expect((await view({ snapshot: 'x', only: ['session'] }, rig.context)).notKept).toEqual([]);
  });

  test('shows the present state as live, with the digests that a save would have', async () => {
    await using rig = await savedRig();
    const live = await view({ snapshot: 'live' }, rig.context);
    await save({ name: 'y', settings: {} }, rig.context);
    expect(live).toMatchObject({ digest: (await view({ snapshot: 'y' }, rig.context)).digest, place: 'live' });
    expect(live.digests).toEqual((await view({ snapshot: 'y' }, rig.context)).digests);
  });
});

test('list shows files, what only the store has, and what is damaged; newest first', async () => {
  const { clock, pass } = heldClock();
  await using rig = await savedRig({ effects: { clock } });
  pass(DAY);
  await save({ name: 'y', only: ['session'], settings: {} }, rig.context);
  await save({ name: 'gone', only: ['session'], settings: {} }, rig.context);
  await performRemoval(await planRemoval({ snapshot: 'gone', purge: false }, rig.context), rig.context);
  copyFileSync(join(rig.path, 'x.snap'), join(rig.path, 'copy.snap'));
  writeFileSync(join(rig.path, 'bad.snap'), 'no snapshot');
  const { snapshots } = await listSnapshots(rig.context);
  expect(snapshots.map(({ name, place }) => `${name} ${place}`)).toEqual([
    ...['y directory', 'copy directory', 'x directory', 'bad directory', 'gone store'],
  ]);
  expect(snapshots).toMatchObject([
    { layers: ['session'], isPartial: false },
    { savedAs: 'x', isPartial: true },
    { message: 'first' },
    { damaged: expect.stringContaining('no JSON') as string },
    {},
  ]);
});

test('log lists the saves of a name, of a renamed file, and of all; undo saves only when asked for', async () => {
  await using rig = await savedRig();
  await save({ name: 'x', settings: {} }, rig.context);
  await save({ name: 'y', settings: {} }, rig.context);
  await load('x@~1', rig.context);
  const log = async (snapshot?: string, limit = 20) =>
    (await logSaves({ snapshot, limit }, rig.context)).saves.map(({ name, seq }) => `${name} ${seq}`);
  expect(await log()).toEqual(['y 3', 'x 2', 'x 1']);
  expect(await log(undefined, 1)).toEqual(['y 3']);
  copyFileSync(join(rig.path, 'x.snap'), join(rig.path, 'renamed.snap'));
  expect(await log('renamed')).toEqual(['x 2', 'x 1']);
  expect(await log('undo')).toEqual(['undo 4']);
  await expect(log('nothing')).rejects.toMatchObject({ code: 'snapshot/unknown' });
});

describe('rm', () => {
  test('removes the file and leaves the store alone', async () => {
    await using rig = await savedRig();
    const plan = await planRemoval({ snapshot: 'x', purge: false }, rig.context);
    expect(existsSync(join(rig.path, 'x.snap')), 'a plan removes nothing').toBe(true);
    await performRemoval(plan, rig.context);
    expect(existsSync(join(rig.path, 'x.snap'))).toBe(false);
    expect((await view({ snapshot: 'x' }, rig.context)).place).toBe('store');
    await expect(planRemoval({ snapshot: 'x', purge: false }, rig.context)).rejects.toMatchObject({
      code: 'snapshot/unknown',
      hint: 'Remove it from the store with --purge',
    });
  });

  test('removes a file that cannot be read', async () => {
    await using rig = await savedRig();
    writeFileSync(join(rig.path, 'x.snap'), 'damaged');
    await performRemoval(await planRemoval({ snapshot: 'x', purge: false }, rig.context), rig.context);
    expect((await view({ snapshot: 'x' }, rig.context)).place, 'and the store still has it').toBe('store');
  });

  test('with purge says what only this snapshot holds, and gc frees exactly that', async () => {
    await using rig = await snapshotRig({ settings: { 'gc.grace': '0s' } });
    rig.write('data', { shared: 'shared', own: 'mine alone' });
    await save({ name: 'x', settings: {} }, rig.context);
    rig.write('data', { shared: 'shared' });
    await save({ name: 'y', settings: {} }, rig.context);
    expect((await collect({ apply: true }, rig.context)).bytes, 'nothing is lost before').toBe(0);
    const plan = await planRemoval({ snapshot: 'x', purge: true }, rig.context);
    expect(plan).toMatchObject({ purge: 'x', bytes: 10 });
    await performRemoval(plan, rig.context);
    expect(await collect({}, rig.context)).toMatchObject({ bytes: 10, applied: false });
    expect(await collect({ apply: true }, rig.context)).toMatchObject({ bytes: 10, applied: true });
    expect(await rig.context.store.hasBlob(digestOf('mine alone'))).toBe(false);
    expect((await verifySnapshot('y', rig.context)).damaged).toEqual([]);
    await save({ name: 'x', settings: {} }, rig.context);
    expect((await collect({ apply: true }, rig.context)).bytes, 'the name lives again').toBe(0);
  });
});

describe('gc', () => {
  test('lets go of undo saves that are too old, and of nothing else', async () => {
    const { clock, pass } = heldClock();
    await using rig = await savedRig({ effects: { clock }, settings: { 'gc.grace': '1h' } });
    await load('x', rig.context);
    rig.write('data', { a: 'three', b: 'big: not kept' });
    pass(6 * DAY);
    await load('x', rig.context);
    pass(5 * DAY);
    expect(await collect({ apply: true }, rig.context)).toMatchObject({ expiredUndoSaves: 1, bytes: 3 });
    expect(await rig.context.store.hasBlob(digestOf('two')), 'what the first undo save held').toBe(false);
    await undo(rig.context);
    expect(rig.read('data')).toMatchObject({ a: 'three' });
    pass(11 * DAY);
    expect(await collect({ apply: true }, rig.context)).toMatchObject({ expiredUndoSaves: 3 });
    await expect(undo(rig.context)).rejects.toMatchObject({ code: 'undo/nothing' });
    expect((await verifySnapshot('x', rig.context)).damaged).toEqual([]);
  });

  test('refuses a duration that is none', async () => {
    await using rig = await savedRig({ settings: { 'undo.keep': 'for ever' } });
    await expect(collect({}, rig.context)).rejects.toMatchObject({ code: 'config/malformed' });
  });
});

describe('verify', () => {
  test('re-reads every content, once each', async () => {
    await using rig = await savedRig();
    expect(await verifySnapshot('x', rig.context)).toMatchObject({ contents: 2, bytes: 6, damaged: [] });
  });

  test.each([
    { name: 'is gone', hasBlob: false, bytes: '', why: 'the store does not have it' },
    { name: 'is other bytes', hasBlob: true, bytes: 'ONE', why: 'its bytes do not match its digest' },
    { name: 'is too short', hasBlob: true, bytes: 'on', why: 'it has 2 bytes and not 3' },
  ])('names a content that $name, whatever the store believes', async ({ hasBlob, bytes, why }) => {
    await using rig = await savedRig();
    const { store } = rig.context;
    const lying = Object.assign(Object.create(store) as typeof store, {
      read: (path: string, at?: never) =>
        path.includes('.needs/') ? Promise.resolve(undefined) : store.read(path, at),
      hasBlob: (digest: string) => Promise.resolve(digest !== digestOf('one') || hasBlob),
      readBlob: async (digest: never) =>
        digest === digestOf('one')
          ? { size: bytes.length, stream: (await import('node:stream')).Readable.from([Buffer.from(bytes)]) }
          : store.readBlob(digest),
      resolve: store.resolve.bind(store),
      list: store.list.bind(store),
    });
    expect((await verifySnapshot('x', rig.as({ store: lying }))).damaged).toEqual([
      { layer: 'data', digest: digestOf('one'), why },
    ]);
  });
});
