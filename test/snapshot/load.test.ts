import fc from 'fast-check';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RestageError } from '../../src/errors.ts';
import { LAYER_KINDS, type LayerKind } from '../../src/model/id.ts';
import { diff } from '../../src/snapshot/diff.ts';
import { findSnapshot } from '../../src/snapshot/find.ts';
import type { Layer } from '../../src/snapshot/layer.ts';
import { findInterruptedLoad } from '../../src/snapshot/load-journal.ts';
import { planDocument, prepareLoad } from '../../src/snapshot/prepare-load.ts';
import { save } from '../../src/snapshot/save.ts';
import { Crash, crashingProcess } from '../rig/crash.ts';
import { jsonFileLayer, type JsonFileHooks } from '../rig/layers.ts';
import { load, snapshotRig, undo, type SnapshotRig } from '../rig/snapshots.ts';

/** A rig with `x` saved over data and session, and both changed since. */
async function changedRig(hooks: JsonFileHooks = {}): Promise<SnapshotRig> {
  const rig = await snapshotRig({ layers: LAYER_KINDS.map((kind) => jsonFileLayer(kind, hooks) as Layer) });
  rig.write('data', { a: 'one', b: 'two' });
  rig.write('session', { u: 'run' });
  await save({ name: 'x', settings: {} }, rig.context);
  rig.write('data', { a: 'changed', c: 'new' });
  rig.write('session', { u: 'dead' });
  return rig;
}

function lockFile(rig: SnapshotRig): string {
  return join(rig.path, '.restage/journal/load.lock');
}

describe('load', () => {
  test('puts everything back in order, verifies, and then has nothing to do; undo goes back and forth', async () => {
    await using rig = await changedRig();
    const report = await load('x', rig.context);
    expect(report.outcome).toBe('loaded');
    expect(report.steps.map(({ step }) => `${step.phase} ${step.layer} ${step.item}`)).toEqual([
      ...['stop session u', 'apply data a', 'apply data b', 'apply data c', 'apply session u'],
    ]);
    expect(rig.read('data')).toEqual({ a: 'one', b: 'two' });
    expect((await diff({ from: 'x', to: 'live', settings: {} }, rig.context)).isSame).toBe(true);
    const commits = (await rig.context.store.stat()).commits;
    expect((await load('x', rig.context)).outcome).toBe('nothing');
    expect((await rig.context.store.stat()).commits, 'no undo save for nothing').toBe(commits);
    expect((await undo(rig.context)).outcome).toBe('loaded');
    expect(rig.read('data')).toEqual({ a: 'changed', c: 'new' });
    expect((await undo(rig.context)).outcome).toBe('loaded');
    expect(rig.read('session')).toEqual({ u: 'run' });
  });

  test('says what it does while it does it', async () => {
    await using rig = await changedRig();
    rig.events.length = 0;
    await load('x', rig.context, { only: ['session'], settings: {} });
    const told = rig.events.flatMap((event) =>
      'step' in event && 'index' in event
        ? [`${event.type} ${event.index + 1}/${event.count} ${event.step.action}`]
        : [],
    );
    expect(told).toEqual([
      ...['step-started 1/2 stop', 'step-done 1/2 stop', 'step-started 2/2 put', 'step-done 2/2 put'],
    ]);
    expect(rig.read('data'), 'a layer that was left out is left').toEqual({ a: 'changed', c: 'new' });
  });

  test('touches nothing when one layer cannot be loaded', async () => {
    await using rig = await snapshotRig();
    rig.write('data', { a: 'big: not kept' });
    rig.write('session', { u: 'run' });
    await save({ name: 'x', settings: {} }, rig.context);
    rig.write('data', { a: 'changed' });
    rig.write('session', { u: 'dead' });
    await expect(load('x', rig.context)).rejects.toMatchObject({
      code: 'load/impossible',
      message: 'data a: its content is not kept',
      details: { impossible: [{ layer: 'data', item: 'a' }] },
    });
    expect(rig.read('session')).toEqual({ u: 'dead' });
    expect(existsSync(join(rig.path, 'stopped.log'))).toBe(false);
    expect(await rig.context.store.read('snapshots/undo.snap')).toBeUndefined();
  });

  test('cannot load a layer that is not here, and says how to leave it out', async () => {
    await using rig = await changedRig();
    const layers = rig.context.layers.map((layer) =>
      layer.kind === 'session'
        ? { ...layer, probe: () => Promise.resolve({ available: false as const, reason: 'no session here' }) }
        : layer,
    );
    await expect(load('x', rig.as({ layers }))).rejects.toMatchObject({
      code: 'load/impossible',
      hint: 'Leave it out with --only data',
    });
    expect((await load('x', rig.as({ layers }), { only: ['data'], settings: {} })).outcome).toBe('loaded');
  });

  test('refuses a layer that the snapshot does not have', async () => {
    await using rig = await changedRig();
    await expect(load('x', rig.context, { only: ['nodes'], settings: {} })).rejects.toMatchObject({
      code: 'layer/unavailable',
      hint: 'Choose among data, session',
    });
  });

  test('a step that fails ends its layer; the others go on, and undo puts all back', async () => {
    const failing = new Set(['a']);
    await using rig = await changedRig({
      beforeApply: ({ item }) => {
        if (failing.has(item)) throw new RestageError('file/denied', `no right to ${item}`);
      },
    });
    const report = await load('x', rig.context);
    expect(report.outcome).toBe('failed');
    expect(report.steps.map(({ step, outcome }) => `${step.item} ${outcome}`)).toEqual([
      ...['u done', 'a failed', 'b left', 'c left', 'u done'],
    ]);
    expect(await findInterruptedLoad(rig.context), 'it ended, though not well').toBeUndefined();
    failing.clear();
    await undo(rig.context);
    expect([rig.read('data'), rig.read('session')]).toEqual([{ a: 'changed', c: 'new' }, { u: 'dead' }]);
  });

  test('reports what still differs when a step did not do what it said', async () => {
    await using rig = await changedRig();
    const layers = rig.context.layers.map((layer) => ({ ...layer, apply: () => Promise.resolve() }));
    const report = await load('x', rig.as({ layers }), { only: ['session'], settings: {} });
    expect(report.outcome).toBe('differs');
    expect(report.differences).toMatchObject([{ layer: 'session', change: 'changed', item: 'u' }]);
  });

  test('leaves by rule what belongs to the machine, and is loaded all the same', async () => {
    await using rig = await snapshotRig();
    rig.write('environment', { 'machine-libc': '1', 'app': '1' });
    await save({ name: 'x', settings: {} }, rig.context);
    rig.write('environment', { 'machine-libc': '2', 'app': '2' });
    const report = await load('x', rig.context);
    expect(report).toMatchObject({ outcome: 'loaded', plan: { left: [{ item: 'machine-libc' }] } });
    expect(rig.read('environment')).toEqual({ 'machine-libc': '2', 'app': '1' });
    expect((await load('x', rig.context)).outcome).toBe('nothing');
  });

  test('stops after the step at work when it is interrupted, and the same load goes on', async () => {
    const stop = { at: 'b' };
    await using rig = await changedRig({
      beforeApply: ({ item }) => {
        if (item === stop.at) controller.abort(new RestageError('run/interrupted', 'interrupted'));
      },
    });
    const controller = new AbortController();
    const report = await load('x', rig.as({ signal: controller.signal }));
    expect(report).toMatchObject({ outcome: 'interrupted', reason: { code: 'run/interrupted' } });
    expect(report.steps.map(({ outcome }) => outcome)).toEqual(['done', 'done', 'done', 'left', 'left']);
    stop.at = '';
    expect(await findInterruptedLoad(rig.context)).toMatchObject({ name: 'x', stepsDone: 3 });
    const again = await load('x', rig.context);
    expect(again).toMatchObject({ outcome: 'loaded', plan: { resumes: true }, undo: report.undo });
    await undo(rig.context);
    expect(rig.read('data')).toEqual({ a: 'changed', c: 'new' });
  });

  test('the deadline stops it like Ctrl-C, and says so', async () => {
    await using rig = await changedRig({
      beforeApply: () => {
        controller.abort(new RestageError('run/deadline', 'the deadline has passed'));
        throw controller.signal.reason as Error;
      },
    });
    const controller = new AbortController();
    const report = await load('x', rig.as({ signal: controller.signal }));
    expect(report).toMatchObject({ outcome: 'interrupted', reason: { code: 'run/deadline' } });
    expect(report.steps.map(({ outcome }) => outcome)).toEqual(['interrupted', 'left', 'left', 'left', 'left']);
  });

  test('another snapshot is refused while a load waits to be finished, unless it is given up', async () => {
    await using rig = await changedRig();
    await save({ name: 'y', settings: {} }, rig.context);
    await expect(load('x', crashingProcess(rig.context, 14).context)).rejects.toBeInstanceOf(Crash);
    expect(await findInterruptedLoad(rig.context)).toMatchObject({ name: 'x' });
    await expect(load('y', rig.context)).rejects.toMatchObject({
      code: 'load/interrupted',
      hint: expect.stringMatching(
        /^Finish it with `restage load x@[0-9a-f]{10}`, or go back with `restage undo`$/,
      ) as string,
    });
    const target = await findSnapshot('y', rig.context);
    const request = { settings: {} };
    await using prepared = await prepareLoad({ verb: 'load', target, request, abandon: true }, rig.context);
    expect(planDocument(prepared).resumes).toBe(false);
  });

  test.each([
    { state: 'alive', message: /is loading in this workspace \(process/, why: 'its process lives' },
    { state: 'elsewhere', message: /on host /, why: 'another host can never be asked' },
  ] as const)('one at a time: refused when $why', async ({ state, message }) => {
    await using rig = await changedRig();
    const busy = rig.as({ ownerState: () => state });
    const other = crashingProcess(rig.context, 14);
    await expect(load('x', other.context)).rejects.toBeInstanceOf(Crash);
    const refusal = load('x', busy);
    await expect(refusal).rejects.toMatchObject({ code: 'load/busy' });
    await expect(refusal).rejects.toThrow(message);
    writeFileSync(join(rig.path, '.restage/journal/load.jsonl'), '');
    await expect(load('x', busy), 'the lock alone is enough').rejects.toMatchObject({ code: 'load/busy' });
    expect(existsSync(lockFile(rig))).toBe(true);
  });

  test('releases its lock and its journal at the end', async () => {
    await using rig = await changedRig();
    await load('x', rig.context);
    expect(existsSync(lockFile(rig))).toBe(false);
    expect(existsSync(join(rig.path, '.restage/journal/load.jsonl'))).toBe(false);
  });

  test('announces every step durably before it begins', async () => {
    const seen: string[] = [];
    await using rig = await changedRig({
      beforeApply: ({ item }) => {
        const lines = readFileSync(join(rig.path, '.restage/journal/load.jsonl'), 'utf8').trimEnd().split('\n');
        const last = JSON.parse(lines.at(-1) ?? '') as { readonly record: string; readonly item: string };
        seen.push(`${last.record} ${last.item} ${item}`);
      },
    });
    await load('x', rig.context, { only: ['data'], settings: {} });
    expect(seen).toEqual(['intent a a', 'intent b b', 'intent c c']);
  });

  test('of a file that is newer than a layer can read names the place', async () => {
    await using rig = await changedRig();
    const strict = rig.context.layers.map((layer) => ({ ...layer, body: jsonFileLayer('nodes').body }));
    await expect(load('x', rig.as({ layers: strict }))).rejects.toMatchObject({ code: 'snapshot/format' });
  });
});

describe('undo', () => {
  test('has nothing to do before the first load', async () => {
    await using rig = await changedRig();
    await expect(undo(rig.context)).rejects.toMatchObject({ code: 'undo/nothing' });
  });

  test('goes back with the settings of the load', async () => {
    const settings: unknown[] = [];
    await using rig = await changedRig();
    const layers = rig.context.layers.map((layer): Layer => ({
      ...layer,
      plan: (have, want, request) => {
        settings.push(request.settings);
        return layer.plan(have, want, request);
      },
    }));
    await load('x', rig.as({ layers }), { only: ['data'], settings: { exact: true } });
    settings.length = 0;
    await undo(rig.as({ layers }));
    expect(settings).not.toEqual([]);
    for (const one of settings) expect(one).toEqual({ exact: true });
  });
});

test('whatever was saved comes back, a second load is empty, and undo returns', async () => {
  const state = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,3}$/),
    fc.string({ maxLength: 6 }).map((text) => `t${text}`),
    { maxKeys: 4 },
  );
  const world = fc.record({ data: state, session: state, environment: state });
  await fc.assert(
    fc.asyncProperty(world, world, async (first, second) => {
      await using rig = await snapshotRig();
      const put = (items: typeof first) => {
        for (const kind of ['data', 'session', 'environment'] as const) rig.write(kind, items[kind]);
      };
      const now = () => Object.fromEntries((Object.keys(first) as LayerKind[]).map((kind) => [kind, rig.read(kind)]));
      put(first);
      await save({ name: 'x', settings: {} }, rig.context);
      put(second);
      const { outcome } = await load('x', rig.context);
      expect(now()).toEqual(first);
      expect((await load('x', rig.context)).outcome).toBe('nothing');
      if (outcome === 'nothing') return;
      await undo(rig.context);
      expect(now()).toEqual(second);
    }),
    { numRuns: 10 },
  );
});
