import { expect, test } from 'vitest';
import { digestOf } from '../../../src/model/digest.ts';
import { all, bytes, commit, put, type StoreRig, text } from './rig.ts';

/** What one commit does, and what it refuses. */
export function commitChecks(start: () => Promise<StoreRig>): void {
  test('an empty store has no head, no member, no log', async () => {
    await using rig = await start();
    expect(await rig.store.head()).toBeUndefined();
    expect(await rig.store.read('a')).toBeUndefined();
    expect(await rig.store.list('')).toEqual([]);
    expect(await all(rig.store.log(1))).toEqual([]);
    expect(await rig.store.history('a')).toEqual([]);
  });

  test('a commit is the head, is read at once, and says what it changed', async () => {
    await using rig = await start();
    const made = await put(rig.store, 'streams/qplan/raw', 'hello');
    expect(made).toMatchObject({ seq: 1, unchanged: [] });
    expect(made.changes).toEqual([{ path: 'streams/qplan/raw', change: 'put', digest: digestOf('hello'), size: 5 }]);
    expect(await rig.store.head()).toEqual({ version: made.version, seq: 1 });
    expect(await text(rig.store, 'streams/qplan/raw')).toBe('hello');
    const second = await put(rig.store, 'streams/qplan/raw', 'world');
    expect(second.changes[0]).toMatchObject({ previous: 1 });
  });

  test('equal content is no change: no commit, unless it is forced', async () => {
    await using rig = await start();
    const first = await put(rig.store, 'a', 'same');
    const again = await put(rig.store, 'a', 'same');
    expect(again).toEqual({ version: first.version, seq: 1, changes: [], unchanged: ['a'] });
    const forced = await put(rig.store, 'a', 'same', { force: true });
    expect(forced).toMatchObject({ seq: 2, changes: [{ path: 'a', previous: 1 }] });
    expect((await rig.store.read('a'))?.seq).toBe(2);
    const mixed = await commit(rig.store, { puts: [bytes('a', 'same'), bytes('b', 'new')] });
    expect(mixed).toMatchObject({ seq: 3, changes: [{ path: 'b' }], unchanged: ['a'] });
  });

  test('all changes or none', async () => {
    await using rig = await start();
    await put(rig.store, 'a', '1');
    const head = await rig.store.head();
    const wanted = { puts: [bytes('a', '2'), bytes('b/c', '2'), bytes('b', '2')], subject: 'clash' };
    await expect(commit(rig.store, wanted)).rejects.toMatchObject({ code: 'store/path' });
    expect(await rig.store.head()).toEqual(head);
    expect(await text(rig.store, 'a')).toBe('1');
  });

  test.each([
    { path: '', why: 'empty' },
    { path: '/a', why: 'absolute' },
    { path: 'a//b', why: 'empty segment' },
    { path: 'a/../b', why: 'upwards' },
    { path: 'a/.git/hooks', why: 'a place of git' },
    { path: 'a/-rf', why: 'a leading dash' },
    { path: 'a@b', why: 'a version would follow' },
    { path: 'a\nb', why: 'a control character' },
    { path: `a/${'x'.repeat(201)}`, why: 'too long a segment' },
  ])('refuses the path $path: $why', async ({ path }) => {
    await using rig = await start();
    await expect(put(rig.store, path, 'x')).rejects.toMatchObject({ code: 'store/path' });
    expect(await rig.store.head()).toBeUndefined();
  });

  test('refuses a member above or below another, and takes it once the other is gone', async () => {
    await using rig = await start();
    await put(rig.store, 'a/b', '1');
    await expect(put(rig.store, 'a', '2')).rejects.toMatchObject({ code: 'store/path' });
    await expect(put(rig.store, 'a/b/c', '2')).rejects.toMatchObject({ code: 'store/path' });
    await commit(rig.store, { puts: [bytes('a', '2')], deletes: ['a/b'] });
    expect((await rig.store.list('')).map(({ path }) => path)).toEqual(['a']);
  });

  test('deletes a member, or all below a path; what is not there is fine', async () => {
    await using rig = await start();
    const puts = ['d/a', 'd/b/c', 'e'].map((path) => bytes(path, path));
    await commit(rig.store, { puts });
    const gone = await commit(rig.store, { deletes: ['d', 'nothing'] });
    expect(gone.changes).toEqual([
      { path: 'd/a', change: 'delete', previous: 1 },
      { path: 'd/b/c', change: 'delete', previous: 1 },
    ]);
    expect((await rig.store.list('')).map(({ path }) => path)).toEqual(['e']);
    expect(await rig.store.read('d/a')).toBeUndefined();
    expect(await text(rig.store, 'd/a', await rig.store.resolve('seq:1'))).toBe('d/a');
  });

  test('expect compares with the version in which the member changed last', async () => {
    await using rig = await start();
    const first = await put(rig.store, 'a', '1', { expect: { a: 'absent' } });
    await put(rig.store, 'b', '1');
    const second = await put(rig.store, 'a', '2', { expect: { a: first.version, b: await rig.store.resolve('HEAD') } });
    const stale = put(rig.store, 'a', '3', { expect: { a: first.version } });
    await expect(stale).rejects.toMatchObject({
      code: 'store/conflict',
      details: { path: 'a', actual: second.version },
    });
    const taken = put(rig.store, 'a', '3', { expect: { a: 'absent' } });
    await expect(taken).rejects.toMatchObject({ code: 'store/conflict', details: { actual: second.version } });
    const missing = put(rig.store, 'c', '3', { expect: { c: first.version } });
    await expect(missing).rejects.toMatchObject({ code: 'store/conflict', details: { actual: 'absent' } });
    expect(await text(rig.store, 'a')).toBe('2');
  });
}
