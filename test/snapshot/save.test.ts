import { existsSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RestageError } from '../../src/errors.ts';
import { digestOf } from '../../src/model/digest.ts';
import type { Layer } from '../../src/snapshot/layer.ts';
import { save } from '../../src/snapshot/save.ts';
import { decodeSnapshot } from '../../src/snapshot/snap-file.ts';
import { crashingProcess } from '../rig/crash.ts';
import { jsonFileLayer } from '../rig/layers.ts';
import { load, snapshotRig } from '../rig/snapshots.ts';

describe('save', () => {
  test('makes one commit of the snapshot and what it needs, then the file with its version', async () => {
    await using rig = await snapshotRig();
    rig.write('data', { a: 'one', b: 'one', c: 'big: left out' });
    const saved = await save({ name: 'x', message: 'why', settings: {} }, rig.context);
    const { store } = rig.context;
    expect((await store.head())?.seq).toBe(1);
    expect((await store.list('snapshots')).map(({ path }) => path)).toEqual([
      `snapshots/x.needs/${digestOf('one').slice(7)}`,
      'snapshots/x.snap',
    ]);
    const file = decodeSnapshot(readFileSync(join(rig.path, 'x.snap')), 'x.snap');
    const committed = await store.read('snapshots/x.snap');
    const kept = decodeSnapshot((await committed?.bytes()) ?? Buffer.alloc(0), 'committed');
    expect(file.record.version).toBe(saved.version);
    expect(kept.record.version).toBeUndefined();
    expect(kept.digest).toBe(file.digest);
    expect(saved).toMatchObject({
      ...{ keptBytes: 3, layers: ['data'], notKept: [{ layer: 'data', what: 'c', bytes: 13 }] },
      skipped: [{ layer: 'nodes' }, { layer: 'environment' }, { layer: 'session' }],
    });
    expect(await store.history('snapshots/x.snap')).toMatchObject([{ subject: 'save x: why' }]);
  });

  test('of an unchanged world is another version with the same digest', async () => {
    await using rig = await snapshotRig();
    rig.write('session', { u: 'run' });
    const [first, second] = [
      await save({ name: 'x', settings: {} }, rig.context),
      await save({ name: 'y', settings: {} }, rig.context),
    ];
    expect(second.digest).toBe(first.digest);
    expect(second.version).not.toBe(first.version);
  });

  test('drops the needs of the save before it from the head, and their versions stay loadable', async () => {
    await using rig = await snapshotRig();
    rig.write('data', { a: 'one' });
    await save({ name: 'x', settings: {} }, rig.context);
    rig.write('data', { a: 'two' });
    await save({ name: 'x', settings: {} }, rig.context);
    expect((await rig.context.store.list('snapshots/x.needs')).map(({ digest }) => digest)).toEqual([digestOf('two')]);
    expect((await load('x@~1', rig.context)).outcome).toBe('loaded');
    expect(rig.read('data')).toEqual({ a: 'one' });
  });

  test('twice at once under one name: both land', async () => {
    await using rig = await snapshotRig();
    rig.write('data', { a: 'one' });
    const saves = await Promise.all([1, 2, 3].map(() => save({ name: 'x', settings: {} }, rig.context)));
    expect(new Set(saves.map(({ version }) => version)).size).toBe(3);
    expect(await rig.context.store.history('snapshots/x.snap')).toHaveLength(3);
  });

  test('keeps a content by the member that has it, and finds it again', async () => {
    const layer = jsonFileLayer('data');
    await using rig = await snapshotRig({
      layers: [
        {
          ...layer,
          // As the data wing does it: the content is a member of the history already.
          capture: async (context, request) => {
            const { version } = await context.store.commit({
              puts: [{ path: 'streams/a', bytes: Buffer.from('one') }],
              subject: 'put',
              producer: 'test',
            });
            const quiet = {
              ...context,
              content: {
                ...context.content,
                put: (bytes: Buffer) => Promise.resolve({ digest: digestOf(bytes), size: bytes.length }),
              },
            };
            const capture = await layer.capture(quiet, request);
            return {
              ...capture,
              kept: capture.kept.map((kept) => ({ ...kept, member: { path: 'streams/a', version } })),
            };
          },
        },
      ],
    });
    rig.write('data', { a: 'one' });
    await save({ name: 'x', settings: {} }, rig.context);
    rig.write('data', { a: 'changed' });
    expect(await rig.context.store.hasBlob(digestOf('one')), 'the chunk plane never saw it').toBe(false);
    expect((await load('x', { ...rig.context, layers: [layer as Layer] })).outcome).toBe('loaded');
    expect(rig.read('data')).toEqual({ a: 'one' });
  });

  test('copies each save to the mirror, and is done without it when that cannot be reached', async () => {
    await using rig = await snapshotRig({ settings: { 'store.mirror': '../second' } });
    rig.write('data', { a: 'one' });
    expect(await save({ name: 'x', settings: {} }, rig.context)).toMatchObject({ mirror: join(rig.path, '../second') });
    await using mirror = await rig.context.openStore(join(rig.path, '../second'), 'read');
    expect((await mirror.list('snapshots')).map(({ digest }) => digest)).toContain(digestOf('one'));
    const openStore = () => Promise.reject(new RestageError('file/denied', 'no right to it'));
    const saved = await save({ name: 'y', settings: {} }, rig.as({ openStore }));
    expect(saved.mirror).toBeUndefined();
    expect(rig.events.at(-1)).toMatchObject({ note: 'not-mirrored', details: { why: 'no right to it' } });
  });

  test.each([
    { holds: 'another store', why: 'it was copied from elsewhere and not taken in' },
    { holds: 'damage', why: 'who looks at it may still want it' },
  ])('does not replace a file of $holds: $why', async ({ holds }) => {
    await using rig = await snapshotRig();
    await using elsewhere = await snapshotRig();
    elsewhere.write('data', { a: 'theirs' });
    await save({ name: 'x', settings: {} }, elsewhere.context);
    const theirs = holds === 'damage' ? Buffer.from('{}\n') : readFileSync(join(elsewhere.path, 'x.snap'));
    writeFileSync(join(rig.path, 'x.snap'), theirs);
    rig.write('data', { a: 'ours' });
    await expect(save({ name: 'x', settings: {} }, rig.context)).rejects.toMatchObject({ code: 'snapshot/exists' });
    expect(readFileSync(join(rig.path, 'x.snap'))).toEqual(theirs);
    expect(await rig.context.store.head(), 'nothing was committed').toBeUndefined();
  });

  test('replaces a file of this store, also one that was saved as another name', async () => {
    await using rig = await snapshotRig();
    rig.write('data', { a: 'one' });
    await save({ name: 'x', settings: {} }, rig.context);
    renameSync(join(rig.path, 'x.snap'), join(rig.path, 'y.snap'));
    rig.write('data', { a: 'two' });
    expect((await save({ name: 'y', settings: {} }, rig.context)).name).toBe('y');
  });

  test('removes what a killed save has left beside its file, once it is old', async () => {
    await using rig = await snapshotRig();
    rig.write('data', { a: 'one' });
    const [old, fresh, other] = ['x.snap.123-4.tmp', 'x.snap.123-5.tmp', 'y.snap.123-4.tmp'].map((name) =>
      join(rig.path, name),
    );
    for (const file of [old, fresh, other]) writeFileSync(file ?? '', '');
    for (const file of [old, other]) utimesSync(file ?? '', 0, 0);
    await save({ name: 'x', settings: {} }, rig.context);
    expect([old, fresh, other].map((file) => existsSync(file ?? ''))).toEqual([false, true, true]);
  });

  test('is refused while a load is at work, since half a load is no state', async () => {
    await using rig = await snapshotRig();
    rig.write('data', { a: 'one' });
    await save({ name: 'x', settings: {} }, rig.context);
    rig.write('data', { a: 'two' });
    await load('x', crashingProcess(rig.context, 9).context).catch(() => undefined);
    await expect(save({ name: 'y', settings: {} }, rig.as({ ownerState: () => 'alive' }))).rejects.toMatchObject({
      code: 'load/busy',
    });
    expect((await save({ name: 'y', settings: {} }, rig.context)).name).toBe('y');
  });

  test.each([
    { request: { name: 'live' }, code: 'snapshot/name', why: 'a reserved name' },
    { request: { name: 'x', only: ['nodes' as const] }, code: 'layer/unavailable', why: 'a layer that is not here' },
    { request: { name: 'x' }, code: 'layer/unavailable', why: 'no layer at all' },
  ])('refuses $why, and commits nothing', async ({ request, code }) => {
    await using rig = await snapshotRig();
    await expect(save({ ...request, settings: {} }, rig.context)).rejects.toMatchObject({ code });
    expect(await rig.context.store.head()).toBeUndefined();
  });

  test('is all layers or none: one that fails fails the whole', async () => {
    const broken: Layer = {
      ...(jsonFileLayer('session') as Layer),
      capture: () => Promise.reject(new RestageError('file/denied', 'no right to session.json')),
    };
    await using rig = await snapshotRig({ layers: [jsonFileLayer('data'), broken] });
    rig.write('data', { a: 'one' });
    rig.write('session', {});
    await expect(save({ name: 'x', settings: {} }, rig.context)).rejects.toMatchObject({ code: 'file/denied' });
    expect(await rig.context.store.head()).toBeUndefined();
  });
});
