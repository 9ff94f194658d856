import { copyFileSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findSnapshot } from '../../src/snapshot/find.ts';
import { save } from '../../src/snapshot/save.ts';
import { load, snapshotRig } from '../rig/snapshots.ts';

/** A workspace in which `a` was saved twice. */
async function rigWithSaves() {
  const rig = await snapshotRig();
  rig.write('data', { a: 'one' });
  const { version: first } = await save({ name: 'a', message: 'first', settings: {} }, rig.context);
  rig.write('data', { a: 'two' });
  const { version: second } = await save({ name: 'a', message: 'second', settings: {} }, rig.context);
  return { ...rig, first, second };
}

test.each([
  { text: 'a', message: 'second', place: 'directory', why: 'a name' },
  { text: 'a.snap', message: 'second', place: 'directory', why: 'the file' },
  { text: './a.snap', message: 'second', place: 'path', why: 'a path' },
  { text: './a', message: 'second', place: 'path', why: 'a path without the ending' },
  { text: 'a@~1', message: 'first', place: 'store', why: 'the save before' },
  { text: 'a.snap@~1', message: 'first', place: 'store', why: 'the same, asked by file' },
  { text: 'a@latest', message: 'second', place: 'store', why: 'the newest in the store' },
])('$text is found: $why', async ({ text, message, place }) => {
  await using rig = await rigWithSaves();
  const found = await findSnapshot(text, rig.context);
  expect(found).toMatchObject({ place, snapshot: { record: { message } } });
});

test('a version is found by its digits', async () => {
  await using rig = await rigWithSaves();
  const { first, second } = rig;
  expect((await findSnapshot(`a@${first.slice(0, 8)}`, rig.context)).snapshot.record.message).toBe('first');
  expect(await findSnapshot('a', rig.context)).toMatchObject({ version: second });
});

test('a version is that of the save, whatever was committed since', async () => {
  await using rig = await rigWithSaves();
  const { version: other } = await save({ name: 'other', settings: {} }, rig.context);
  for (const text of ['a@latest', `a@${other}`]) {
    expect(await findSnapshot(text, rig.context), text).toMatchObject({ version: rig.second });
  }
});

test('a version that is not there is said in the words of snapshots', async () => {
  await using rig = await rigWithSaves();
  await expect(findSnapshot('a@ffffffff', rig.context)).rejects.toMatchObject({
    message: 'a has no version ffffffff',
    hint: 'List its versions with `restage log a`',
  });
});

test('a file that was renamed is what it contains, and its versions are those of the recorded name', async () => {
  await using rig = await rigWithSaves();
  renameSync(join(rig.path, 'a.snap'), join(rig.path, 'b.snap'));
  expect(await findSnapshot('b', rig.context)).toMatchObject({ label: 'b', snapshot: { record: { name: 'a' } } });
  expect((await findSnapshot('b@~1', rig.context)).snapshot.record.message).toBe('first');
  expect(await findSnapshot('a', rig.context), 'the store still has it').toMatchObject({ place: 'store' });
});

test('the working directory comes before the library of the user, that before the public one', async () => {
  await using rig = await rigWithSaves();
  const { libraries } = rig.context;
  for (const folder of [libraries.user, libraries.public]) {
    mkdirSync(folder);
    copyFileSync(join(rig.path, 'a.snap'), join(folder, 'a.snap'));
  }
  expect((await findSnapshot('a', rig.context)).place).toBe('directory');
  renameSync(join(rig.path, 'a.snap'), join(rig.path, 'other.snap'));
  expect((await findSnapshot('a', rig.context)).place).toBe('user');
  renameSync(join(libraries.user, 'a.snap'), join(libraries.user, 'other.snap'));
  expect((await findSnapshot('a', rig.context)).place).toBe('public');
});

test('a damaged file is an error, also when the store has the same name whole', async () => {
  await using rig = await rigWithSaves();
  writeFileSync(join(rig.path, 'a.snap'), '{}\n');
  await expect(findSnapshot('a', rig.context)).rejects.toMatchObject({ code: 'snapshot/damaged' });
  expect(await findSnapshot('a@latest', rig.context), 'as the hint says').toMatchObject({ place: 'store' });
});

test('a link to a file is followed, a directory of that name is none', async () => {
  await using rig = await rigWithSaves();
  mkdirSync(join(rig.path, 'd.snap'));
  symlinkSync('a.snap', join(rig.path, 'l.snap'));
  expect((await findSnapshot('l', rig.context)).snapshot.record.name).toBe('a');
  await expect(findSnapshot('d', rig.context)).rejects.toMatchObject({ code: 'snapshot/unknown' });
});

test.each([
  { text: 'aa', code: 'snapshot/unknown', details: { candidates: ['a'] }, why: 'one like it is there' },
  { text: 'quite-else', code: 'snapshot/unknown', details: { candidates: [] }, why: 'nothing like it' },
  { text: './a/b.snap', code: 'snapshot/unknown', details: {}, why: 'no such path' },
  { text: 'a@ffffffff', code: 'store/version-unknown', details: {}, why: 'no such version' },
  { text: 'a@!', code: 'store/version-syntax', details: {}, why: 'no version at all' },
  { text: 'live', code: 'snapshot/name', details: {}, why: 'the present state cannot be loaded' },
  { text: '', code: 'snapshot/unknown', details: {}, why: 'nothing' },
])('$text is not found: $why', async ({ text, code, details }) => {
  await using rig = await rigWithSaves();
  await expect(findSnapshot(text, rig.context)).rejects.toMatchObject({ code, details });
});

test('a file that was carried away is loaded where the store has what it names', async () => {
  await using rig = await rigWithSaves();
  const path = join(dirname(rig.path), 'carried.snap');
  renameSync(join(rig.path, 'a.snap'), path);
  rig.write('data', { a: 'wrecked' });
  expect((await load(path, rig.context)).outcome).toBe('loaded');
  expect(rig.read('data')).toEqual({ a: 'two' });
});
