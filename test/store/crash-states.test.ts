import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { directory } from '../../src/store/engines/directory.ts';
import type { Store } from '../../src/store/contract.ts';
import { testContext } from '../rig/context.ts';
import { recordDisk, type Survives } from '../rig/recording-disk.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';
import { git } from './acknowledged.ts';
import { put, text } from './contract/rig.ts';

/** Something that was acknowledged, and how many operations the disk had seen by then. */
interface Promised {
  readonly at: number;
  readonly holds: (store: Store) => Promise<boolean>;
}

/** Nothing of what was not synced, all of it, or this and that. */
const POLICIES: readonly {
  readonly name: string;
  readonly step: number;
  readonly survives: (cut: number) => Survives;
}[] = [
  { name: 'nothing', step: 1, survives: () => () => 'old' },
  { name: 'everything', step: 3, survives: () => () => 'new' },
  { name: 'some', step: 2, survives: (cut) => (what) => (hash(`${cut} ${what}`) % 2 === 0 ? 'old' : 'new') },
];

test.each(POLICIES)(
  'after a power cut at any step, with $name of what was not synced, all that was acknowledged is there',
  async ({ survives, step }) => {
    using scratch = temporaryDirectory();
    const place = join(scratch.path, 'store', '.restage');
    const { length, restore, promises } = await recordWrites(place);
    for (let cut = 0; cut <= length; cut += step) {
      const copy = join(scratch.path, `${cut}`, '.restage');
      mkdirSync(copy, { recursive: true });
      restore(cut, survives(cut), copy);
      expect(git(copy, 'fsck', '--full', '--strict'), `before it is opened, cut at ${cut}`).not.toMatch(
        /error|missing|broken/,
      );
      await using store = await directory.open({ directory: copy, mode: 'write' }, testContext());
      for (const { at, holds } of promises)
        if (at <= cut) expect(await holds(store), `cut at ${cut}, promised at ${at}`).toBe(true);
      for (const { changes, version } of await store.history('b')) {
        expect(
          changes.map(({ path }) => path),
          'all changes of a commit or none',
        ).toEqual(['b', 'c']);
        expect(await text(store, 'b', version)).toBe(await text(store, 'c', version));
      }
      await put(store, 'next', `${cut}`);
    }
  },
  180_000,
);

/** A few writes of each kind to a store that is there. */
async function recordWrites(place: string) {
  mkdirSync(place, { recursive: true });
  await using first = await directory.open({ directory: place, mode: 'create' }, testContext());
  await put(first, 'a', '0');
  await first.close();
  const context = testContext();
  const disk = recordDisk(place, context.files);
  // Its process will be gone.
  const host = { ...context.host, pid: 2 ** 30, startTicks: 1 };
  const store = await directory.open({ directory: place, mode: 'write' }, { ...context, files: disk.files, host });
  const promises: Promised[] = [];
  const promise = (holds: Promised['holds']) => promises.push({ at: disk.length(), holds });
  const pair = async (content: string): Promise<void> => {
    const puts = ['b', 'c'].map((path) => ({ path, bytes: Buffer.from(content) }));
    const { version, seq } = await store.commit({ subject: content, producer: 'a@test', puts, requestId: content });
    promise(
      async (after) => (await after.resolve(`seq:${seq}`)) === version && (await text(after, 'b', version)) === content,
    );
  };
  await pair('1');
  await Promise.all([pair('2'), pair('3')]);
  await store.cursor('me').lease(1, 60_000);
  promise(async (after) => (await after.cursor('me').state()).leased === 1);
  const version = await store.resolve('seq:2');
  await store.refs.set('refs/tags/kept/v1', version, undefined);
  promise(async (after) => (await after.refs.get('refs/tags/kept/v1')) === version);
  const length = disk.length();
  await store.close();
  return { length, restore: disk.restore, promises };
}

function hash(value: string): number {
  let sum = 7;
  for (const character of value) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return sum >>> 3;
}
