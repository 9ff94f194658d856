import { expect, test } from 'vitest';
import { all, put, type StoreRig } from './rig.ts';

/** The history as a log of events. */
export function logChecks(start: () => Promise<StoreRig>): void {
  test('gives every commit once, in order, from any seq', async () => {
    await using rig = await start();
    await Promise.all(Array.from({ length: 10 }, (_, n) => put(rig.store, `s/${n}`, 'x')));
    expect((await all(rig.store.log(1))).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect((await all(rig.store.log(8))).map(({ seq }) => seq)).toEqual([8, 9, 10]);
    expect(await all(rig.store.log(11))).toEqual([]);
    const times = (await all(rig.store.log(1))).map(({ time }) => time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('with a prefix, gives only what changed at or below it', async () => {
    await using rig = await start();
    for (const path of ['a/b', 'ab', 'a/c', 'd']) await put(rig.store, path, path);
    const seqs = async (prefix: string) => (await all(rig.store.log(1, { prefix }))).map(({ seq }) => seq);
    expect(await seqs('a')).toEqual([1, 3]);
    expect(await seqs('a/c')).toEqual([3]);
  });

  test('follows what comes, also from elsewhere, without a gap', async () => {
    await using rig = await start();
    const other = (await rig.another?.()) ?? rig.store;
    await put(rig.store, 'a', '0');
    const seen: number[] = [];
    const following = (async () => {
      for await (const { seq } of rig.store.log(1, { follow: true })) {
        seen.push(seq);
        if (seq === 6) break;
      }
    })();
    for (let n = 1; n <= 5; n++) await put(n % 2 === 0 ? rig.store : other, 'a', `${n}`);
    await following;
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('the clock going backwards does not take the log with it', async () => {
    await using rig = await start();
    await put(rig.store, 'a', '1');
    rig.pass(-3600_000);
    await put(rig.store, 'a', '2');
    const [first, second] = await all(rig.store.log(1));
    expect(second?.time).toBeGreaterThanOrEqual(first?.time ?? Infinity);
  });
}

/** Names that move. */
export function refChecks(start: () => Promise<StoreRig>): void {
  test('refs change by compare-and-set', async () => {
    await using rig = await start();
    const { refs } = rig.store;
    const one = (await put(rig.store, 'a', '1')).version;
    const two = (await put(rig.store, 'a', '2')).version;
    await refs.set('refs/restage/pins/x', one, undefined);
    await refs.set('refs/restage/pins/y/z', one, undefined);
    expect(await refs.get('refs/restage/pins/x')).toBe(one);
    await expect(refs.set('refs/restage/pins/x', two, undefined)).rejects.toMatchObject({ code: 'store/conflict' });
    await expect(refs.set('refs/restage/pins/x', two, two)).rejects.toMatchObject({ code: 'store/conflict' });
    await refs.set('refs/restage/pins/x', two, one);
    expect(await refs.list('refs/restage/pins/')).toEqual([
      { name: 'refs/restage/pins/x', version: two },
      { name: 'refs/restage/pins/y/z', version: one },
    ]);
    await refs.set('refs/restage/pins/x', undefined, two);
    expect(await refs.get('refs/restage/pins/x')).toBeUndefined();
  });
}

/** Durable consumers. */
export function cursorChecks(start: () => Promise<StoreRig>): void {
  test('a cursor delivers in order, counts attempts, and moves when all before is done', async () => {
    await using rig = await start();
    for (const content of ['1', '2', '3']) await put(rig.store, 'a', content);
    const cursor = rig.store.cursor('me');
    const leased = await cursor.lease(2, 60_000);
    expect(leased.map(({ entry, attempt }) => [entry.seq, attempt])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(await cursor.state()).toEqual({ next: 1, leased: 2, delayed: 0 });
    await cursor.ack(2);
    expect((await cursor.state()).next, 'the first is still out').toBe(1);
    await cursor.nack(1, 1000);
    expect(await cursor.state()).toEqual({ next: 1, leased: 0, delayed: 1 });
    expect((await cursor.lease(5, 60_000)).map(({ entry }) => entry.seq)).toEqual([3]);
    rig.pass(2000);
    expect((await cursor.lease(5, 60_000)).map(({ entry, attempt }) => [entry.seq, attempt])).toEqual([[1, 2]]);
    await cursor.ack(1);
    await cursor.ack(3);
    expect(await cursor.state()).toEqual({ next: 4, leased: 0, delayed: 0 });
    expect(await cursor.lease(5, 60_000)).toEqual([]);
  });

  test('a lease that is over is given out again, with one attempt more', async () => {
    await using rig = await start();
    await put(rig.store, 'a', '1');
    await rig.store.cursor('me').lease(1, 1000);
    const later = ((await rig.another?.()) ?? rig.store).cursor('me');
    expect(await later.lease(1, 1000)).toEqual([]);
    rig.pass(1001);
    expect((await later.lease(1, 1000))[0]).toMatchObject({ attempt: 2, entry: { seq: 1 } });
  });

  test('a cursor keeps to its prefix, begins where it is told, seeks and is dropped', async () => {
    await using rig = await start();
    for (const path of ['a/x', 'b', 'a/y', 'a/z']) await put(rig.store, path, path);
    const cursor = rig.store.cursor('me', { prefix: 'a', from: 2 });
    expect((await cursor.lease(9, 1000)).map(({ entry }) => entry.seq)).toEqual([3, 4]);
    await cursor.seek(1);
    expect((await cursor.lease(9, 1000)).map(({ entry, attempt }) => [entry.seq, attempt])).toEqual([
      [1, 1],
      [3, 1],
      [4, 1],
    ]);
    await cursor.drop();
    expect((await rig.store.cursor('me', { prefix: 'a' }).state()).next).toBe(1);
  });

  test('two consumers of one cursor never have the same entry', async () => {
    await using rig = await start();
    for (let n = 0; n < 8; n++) await put(rig.store, 'a', `${n}`);
    const other = ((await rig.another?.()) ?? rig.store).cursor('me');
    const both = await Promise.all([rig.store.cursor('me').lease(4, 60_000), other.lease(4, 60_000)]);
    const seqs = both.flat().map(({ entry }) => entry.seq);
    expect([...seqs].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
}
