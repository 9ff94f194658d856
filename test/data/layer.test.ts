import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DataBody } from '../../src/data/body.ts';
import { dataLayer } from '../../src/data/layer.ts';
import { digestOf } from '../../src/model/digest.ts';
import type { LayerSettings } from '../../src/model/request.ts';
import { createContent, layerContext } from '../../src/snapshot/content.ts';
import type { SnapshotContext } from '../../src/snapshot/context.ts';
import type { LayerContext } from '../../src/snapshot/layer.ts';
import { save } from '../../src/snapshot/save.ts';
import { configurationOf } from '../rig/data.ts';
import { load, snapshotRig, undo } from '../rig/snapshots.ts';
import { storeWith } from '../rig/store-with.ts';
import { layerContract } from '../snapshot/layer-contract.ts';

const layer = dataLayer();

/** A workspace with the data layer alone. */
async function rig(conf = '') {
  const base = await snapshotRig({ layers: [layer] });
  const context: SnapshotContext = { ...base.context, configuration: configurationOf(conf) };
  const of = (store = context.store): LayerContext => layerContext({ ...context, store }, createContent(store));
  const put = (name: string, text: string | Buffer) =>
    context.store.commit({
      puts: [{ path: `streams/${name}`, bytes: Buffer.from(text) }],
      ...{ subject: 'put', producer: 'someone@lab' },
    });
  const read = async (name: string) => (await (await context.store.read(`streams/${name}`))?.bytes())?.toString();
  const file = (path: string) => join(base.path, path);
  const write = (path: string, text: string | Buffer) => {
    mkdirSync(join(file(path), '..'), { recursive: true });
    writeFileSync(file(path), text);
  };
  const capture = (settings: LayerSettings = {}) => layer.capture(of(), { purpose: 'save', settings });
  return {
    ...{ base, context, of, put, read, file, write, capture },
    [Symbol.asyncDispose]: () => base[Symbol.asyncDispose](),
  };
}

/** As a load would see it: all content is there. */
function plan(have: DataBody, want: DataBody, settings: LayerSettings = {}) {
  const states = [...Object.values(want.streams), ...Object.values(want.directories)];
  return layer.plan(have, want, { settings, available: new Set(states.flatMap(({ digest }) => digest ?? [])) });
}

describe('the data layer', () => {
  layerContract(layer, async () => {
    const made = await rig('[data]\ndirs = results');
    await made.put('qplan/raw', 'first\n');
    await made.put('big', Buffer.alloc(100_000, 'b'));
    made.write('results/a.txt', 'a');
    made.write('results/deep/b.txt', 'b'.repeat(50_000));
    symlinkSync('a.txt', made.file('results/link'));
    return {
      context: made.context,
      change: async () => {
        await made.put('qplan/raw', 'second\n');
        await made.put('big', Buffer.alloc(100_000, 'c'));
        made.write('results/a.txt', 'other');
        rmSync(made.file('results/deep'), { recursive: true });
        rmSync(made.file('results/link'));
      },
      [Symbol.asyncDispose]: () => made[Symbol.asyncDispose](),
    };
  });

  test('captures every stream of its own store, by digest', async () => {
    await using made = await rig();
    await made.put('b/raw', '1');
    await made.put('a', '22');
    const { body, kept } = await made.capture();
    expect(body).toEqual({
      schema: 'restage/data-layer/1',
      streams: {
        'a': { digest: digestOf('22'), size: 2, how: 'observed' },
        'b/raw': { digest: digestOf('1'), size: 1, how: 'observed' },
      },
      directories: {},
    });
    const head = await made.context.store.head();
    expect(kept).toContainEqual({
      digest: digestOf('1'),
      size: 1,
      member: { path: 'streams/b/raw', version: head?.version },
    });
  });

  test('captures declared streams only, where any is declared', async () => {
    await using made = await rig('[stream mine]\nstages = raw\ntype = text/plain');
    await made.put('mine/raw', '1');
    await made.put('other', '2');
    const { body } = await made.capture();
    expect(body.streams).toEqual({
      'mine/raw': { digest: digestOf('1'), size: 1, type: 'text/plain', how: 'observed' },
    });
  });

  test('looks at the history once, however many streams there are', async () => {
    await using made = await rig();
    const puts = Array.from({ length: 1000 }, (_, index) => ({
      path: `streams/s${index}`,
      bytes: Buffer.from(`${index}`),
    }));
    await made.context.store.commit({ puts, subject: 'many', producer: 'p' });
    let calls = 0;
    const counted = storeWith(made.context.store, {
      list: (...args) => {
        calls += 1;
        return made.context.store.list(...args);
      },
      read: () => Promise.reject(new Error('a capture reads no content')),
    });
    const { body } = await layer.capture(made.of(counted), { purpose: 'compare', settings: {} });
    expect(Object.keys(body.streams)).toHaveLength(1000);
    expect(calls).toBe(1);
  });

  test('puts old content back as a new version, and leaves equal content alone', async () => {
    await using made = await rig();
    await made.put('a', 'old');
    await made.put('same', 'same');
    await save({ name: 's', settings: {} }, made.context);
    await made.put('a', 'new');
    const before = await made.context.store.history('streams/same');
    expect(await load('s', made.context)).toMatchObject({
      outcome: 'loaded',
      steps: [{ step: { action: 'put-stream', item: 'a' }, outcome: 'done' }],
    });
    expect(await made.read('a')).toBe('old');
    expect(await made.context.store.history('streams/a')).toHaveLength(3);
    expect(await made.context.store.history('streams/same')).toEqual(before);
    expect(await load('s', made.context)).toMatchObject({ outcome: 'nothing' });
    expect(await undo(made.context)).toMatchObject({ outcome: 'loaded' });
    expect(await made.read('a')).toBe('new');
  });

  test('goes back and forth as often as one likes', async () => {
    await using made = await rig();
    for (const text of ['one', 'two']) {
      await made.put('a', text);
      await save({ name: text, settings: {} }, made.context);
    }
    for (const name of ['one', 'two', 'one', 'two', 'one']) {
      expect(await load(name, made.context)).toMatchObject({ outcome: 'loaded' });
      expect(await made.read('a')).toBe(name);
    }
  });

  test('brings an ended stream back, twice too', async () => {
    await using made = await rig();
    await made.put('a', 'x');
    await save({ name: 's', settings: {} }, made.context);
    for (const time of [1, 2]) {
      await made.context.store.commit({ deletes: ['streams/a'], subject: `end ${time}`, producer: 'p' });
      expect(await load('s', made.context)).toMatchObject({ outcome: 'loaded' });
      expect(await made.read('a')).toBe('x');
    }
  });

  test('leaves and names a stream that the snapshot does not have; ends it with exact only', async () => {
    await using made = await rig();
    await made.put('a', '1');
    const { body: want } = await made.capture();
    await made.put('later', '2');
    const { body: have } = await made.capture();
    expect(plan(have, want)).toMatchObject({ steps: [], left: [{ item: 'later', why: 'is not in the snapshot' }] });
    const exact = plan(have, want, { exact: true });
    expect(exact).toMatchObject({ steps: [{ action: 'delete-stream', item: 'later' }], left: [] });
    for (const step of [...exact.steps, ...exact.steps]) await layer.apply(step, made.of());
    expect((await made.capture()).body).toEqual(want);
  });

  test('refuses a stream that somebody has changed since the plan was made', async () => {
    await using made = await rig();
    await made.put('a', 'old');
    const { body: want } = await made.capture();
    await made.put('a', 'new');
    const { steps } = plan((await made.capture()).body, want);
    expect(steps).toHaveLength(1);
    await made.put('a', 'of somebody else');
    for (const step of steps) {
      const conflict = expect.objectContaining({ code: 'store/conflict' }) as Error;
      await expect(layer.apply(step, made.of())).rejects.toThrow(conflict);
    }
    expect(await made.read('a')).toBe('of somebody else');
  });

  test('says that content is missing before anything is touched', async () => {
    await using made = await rig();
    await made.put('a', 'x');
    const { body } = await made.capture();
    const { steps, impossible } = layer.plan({ ...body, streams: {} }, body, { settings: {}, available: new Set() });
    expect(steps).toEqual([]);
    expect(impossible).toMatchObject([
      { item: 'a', why: expect.stringContaining('does not have its content') as string },
    ]);
  });
});

describe('a directory', () => {
  test('comes back with its modes, links and empty directories; other files stay', async () => {
    await using made = await rig('[data]\ndirs = results');
    made.write('results/run.sh', '#!/bin/sh\n');
    chmodSync(made.file('results/run.sh'), 0o750);
    mkdirSync(made.file('results/empty'), { mode: 0o700 });
    symlinkSync('run.sh', made.file('results/link'));
    await save({ name: 's', settings: {} }, made.context);
    rmSync(made.file('results'), { recursive: true });
    made.write('results/later.txt', 'later');
    // A directory where a file was, and a file where a directory was.
    made.write('results/run.sh/inside', 'x');
    made.write('results/empty', 'no directory');
    await load('s', made.context);
    expect(readFileSync(made.file('results/run.sh'), 'utf8')).toBe('#!/bin/sh\n');
    expect(statSync(made.file('results/run.sh')).mode & 0o777).toBe(0o750);
    expect(statSync(made.file('results/empty')).mode & 0o777).toBe(0o700);
    expect(readlinkSync(made.file('results/link'))).toBe('run.sh');
    expect(readFileSync(made.file('results/later.txt'), 'utf8')).toBe('later');
    expect(existsSync(made.file('results/.restage-staged'))).toBe(false);
  });

  test('loses other files with exact only', async () => {
    await using made = await rig('[data]\ndirs = results');
    made.write('results/a', '1');
    const { body: want } = await made.capture();
    made.write('results/extra/deep', '2');
    const { steps } = plan((await made.capture()).body, want, { exact: true });
    for (const step of [...steps, ...steps]) await layer.apply(step, made.of());
    expect((await made.capture()).body).toEqual(want);
    expect(existsSync(made.file('results/extra'))).toBe(false);
  });

  test('is never written through a link that leads out of it', async () => {
    await using made = await rig('[data]\ndirs = results');
    made.write('results/sub/a', 'inside');
    made.write('outside/a', 'untouched');
    const { body: want } = await made.capture();
    rmSync(made.file('results/sub'), { recursive: true });
    symlinkSync(made.file('outside'), made.file('results/sub'));
    const { steps } = plan((await made.capture()).body, want);
    for (const step of steps) await layer.apply(step, made.of());
    expect(readFileSync(made.file('outside/a'), 'utf8')).toBe('untouched');
    expect(readFileSync(made.file('results/sub/a'), 'utf8')).toBe('inside');
  });

  test('stays as it was when a content is missing', async () => {
    await using made = await rig('[data]\ndirs = results');
    made.write('results/a', 'old a');
    made.write('results/b', 'old b');
    const { body: want } = await made.capture();
    made.write('results/a', 'new a');
    made.write('results/b', 'new b');
    const { steps } = plan((await made.capture()).body, want);
    const context = made.of();
    const content = {
      ...context.content,
      stream: async (digest: string) => {
        if (digest === digestOf('old b')) throw new Error('gone');
        return context.content.stream(digest as ReturnType<typeof digestOf>);
      },
    };
    expect(steps).toHaveLength(1);
    for (const step of steps) await expect(layer.apply(step, { ...context, content })).rejects.toThrow('gone');
    expect(readFileSync(made.file('results/a'), 'utf8')).toBe('new a');
    expect(existsSync(made.file('results/.restage-staged'))).toBe(false);
  });

  test('with what looks like a secret names it and does not hold it', async () => {
    await using made = await rig('[data]\ndirs = results');
    made.write('results/.env', 'PASSWORD=x');
    made.write('results/a', 'a');
    const { kept, notKept } = await made.capture();
    expect(notKept).toEqual([{ what: 'results/.env', bytes: 10 }]);
    expect(kept.map(({ digest }) => digest)).not.toContain(digestOf('PASSWORD=x'));
    await save({ name: 's', settings: {} }, made.context);
    made.write('results/a', 'b');
    expect(await load('s', made.context)).toMatchObject({ outcome: 'loaded' });
    expect(readFileSync(made.file('results/.env'), 'utf8')).toBe('PASSWORD=x');
  });

  test('that changes while it is read is unknown', async () => {
    await using made = await rig('[data]\ndirs = results');
    made.write('results/a', 'x');
    const context = made.of();
    const content = {
      ...context.content,
      put: async (source: Parameters<typeof context.content.put>[0]) => {
        made.write('results/a', `${Math.random()}`);
        return context.content.put(source);
      },
    };
    const { body, unresolved } = await layer.capture({ ...context, content }, { purpose: 'save', settings: {} });
    expect(body.directories).toEqual({ results: { digest: null, how: 'unknown', why: 'changing' } });
    expect(unresolved).toEqual([{ item: 'results/a', why: 'changing' }]);
  });

  test.each(['/etc', '../other', 'a/../..', '.'])('%s is no directory of the workspace', async (dirs) => {
    await using made = await rig(`[data]\ndirs = ${dirs}`);
    await expect(made.capture()).rejects.toThrow(expect.objectContaining({ code: 'config/malformed' }));
  });
});
