import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Version } from '../../src/model/id.ts';
import type { Store } from '../../src/store/contract.ts';
import type { OpenStore } from '../../src/store/engines/contract.ts';
import { directory } from '../../src/store/engines/directory.ts';
import { testContext } from '../rig/context.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';
import { git } from './acknowledged.ts';
import { all, put, text } from './contract/rig.ts';

const STREAMS = 40;

test.each([{ suffix: '.pack' }, { suffix: '.idx' }])(
  'one flipped bit anywhere in a *$suffix is found, and its file named',
  async ({ suffix }) => {
    using scratch = temporaryDirectory();
    const place = join(scratch.path, '.restage');
    await filled(place);
    git(place, 'repack', '-a', '-d', '-q');
    const folder = join(place, '.git/objects/pack');
    const [name = ''] = readdirSync(folder).filter((file) => file.endsWith(suffix));
    const file = join(folder, name);
    const whole = readFileSync(file);
    for (let bit = 0; bit < 13; bit++) {
      const at = Math.floor((whole.length - 1) * (bit / 12));
      const broken = Buffer.from(whole);
      broken[at] = (broken[at] ?? 0) ^ (1 << (bit % 8));
      writeFileSync(file, broken);
      const found = await verified(place);
      expect(found, `byte ${at}`).not.toEqual([]);
      expect(
        found.some((where) => where.includes(name.slice(0, 20))),
        `byte ${at}: ${found.join()}`,
      ).toBe(true);
      await readsTruth(place, `byte ${at}`);
    }
    writeFileSync(file, whole);
    expect(await verified(place)).toEqual([]);
  },
  120_000,
);

test('one flipped bit in a loose object is found, and its file named', async () => {
  using scratch = temporaryDirectory();
  const place = join(scratch.path, '.restage');
  await filled(place);
  const id = git(place, 'hash-object', '-w', join(place, 'store.json')).trim();
  const file = join(place, '.git/objects', id.slice(0, 2), id.slice(2));
  const whole = readFileSync(file);
  chmodSync(file, 0o644);
  for (let at = 0; at < whole.length; at += 23) {
    const broken = Buffer.from(whole);
    broken[at] = (broken[at] ?? 0) ^ 16;
    writeFileSync(file, broken);
    expect(
      (await verified(place)).some((where) => where.includes(file)),
      `byte ${at}`,
    ).toBe(true);
  }
});

test('a flipped bit in the index of the log changes no answer', async () => {
  using scratch = temporaryDirectory();
  const place = join(scratch.path, '.restage');
  await filled(place);
  const file = join(place, 'index/tail');
  const whole = readFileSync(file);
  for (let at = 0; at < whole.length; at += Math.ceil(whole.length / 20)) {
    const broken = Buffer.from(whole);
    broken[at] = (broken[at] ?? 0) ^ 4;
    writeFileSync(file, broken);
    await using store = await open(place, 'read');
    const log = await all(store.log(1));
    expect(
      log.map(({ seq }) => seq),
      `byte ${at}`,
    ).toEqual(Array.from({ length: STREAMS }, (_, n) => n + 1));
    expect(await store.history('s/7')).toMatchObject([{ seq: 8 }]);
    expect(await store.resolve(log[3]?.version.slice(0, 12) ?? '')).toBe(log[3]?.version);
  }
});

test('a head whose objects are missing is kept aside, and the newest whole commit takes its place', async () => {
  using scratch = temporaryDirectory();
  const place = join(scratch.path, '.restage');
  const last = await filled(place);
  const gone = 'd'.repeat(40);
  writeFileSync(join(place, '.git/refs/heads/main'), `${gone}\n`);
  await expect(async () => {
    await using store = await open(place, 'read');
    await store.head();
  }).rejects.toMatchObject({ code: 'store/damaged' });
  const context = testContext();
  await using store = await directory.open({ directory: place, mode: 'write' }, context);
  expect(await store.head()).toEqual({ version: last, seq: STREAMS });
  expect(context.events).toMatchObject([
    { type: 'note', note: 'history-head-restored', details: { broken: gone, head: last } },
  ]);
  expect(readdirSync(join(place, '.git/refs/restage/broken'))).toHaveLength(1);
  expect((await put(store, 'a', 'goes on')).seq).toBe(STREAMS + 1);
});

async function filled(place: string): Promise<Version | undefined> {
  await using store = await open(place, 'create');
  await Promise.all(Array.from({ length: STREAMS }, (_, n) => put(store, `s/${n}`, contentOf(n))));
  return (await store.head())?.version;
}

function contentOf(n: number): string {
  return `${n} `.repeat(50 + n);
}

/** The files that a verification names. */
async function verified(place: string): Promise<string[]> {
  try {
    await using store = await open(place, 'read');
    return (await store.verify()).damaged.map(({ file, why }) => `${file} ${why}`);
  } catch (error) {
    return [JSON.stringify(error), String(error)];
  }
}

/** Whatever is damaged: a read gives the truth or says so, never anything else. */
async function readsTruth(place: string, where: string): Promise<void> {
  for (const n of [0, 17, 39]) {
    const content = await attempt(place, (store) => text(store, `s/${n}`));
    if (content !== undefined) expect(content, where).toBe(contentOf(n));
  }
}

async function attempt(place: string, read: (store: Store) => Promise<string>): Promise<string | undefined> {
  try {
    await using store = await open(place, 'read');
    return await read(store);
  } catch (error) {
    expect(error).toMatchObject({ code: 'store/damaged' });
    return undefined;
  }
}

function open(place: string, mode: OpenStore['mode']): Promise<Store> {
  return directory.open({ directory: place, mode }, testContext());
}
