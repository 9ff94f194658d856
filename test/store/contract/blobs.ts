import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { digestOf } from '../../../src/model/digest.ts';
import { BIG, commit, DAY, put, type StoreRig } from './rig.ts';

/** Content of the chunk plane, and upkeep. */
export function blobChecks(start: () => Promise<StoreRig>): void {
  test('blobs are stored once, and read whole or in part', async () => {
    await using rig = await start();
    const first = await rig.store.putBlob(BIG);
    expect(first).toMatchObject({ digest: digestOf(BIG), size: BIG.length });
    expect(await rig.store.putBlob(BIG)).toEqual({ ...first, newBytes: 0 });
    expect(await rig.store.hasBlob(first.digest)).toBe(true);
    expect(await rig.store.hasBlob(digestOf('nothing'))).toBe(false);
    const reader = await rig.store.readBlob(first.digest, { start: 5, end: 25 });
    expect(reader && (await buffer(reader.stream)).equals(BIG.subarray(5, 25))).toBe(true);
    expect(await rig.store.readBlob(digestOf('nothing'))).toBeUndefined();
  });

  test('gc takes what no version names, and only once the grace time is over', async () => {
    await using rig = await start();
    const dead = await rig.store.putBlob(Buffer.alloc(90_000, 'dead'));
    const live = await rig.store.putBlob(BIG);
    await commit(rig.store, { puts: [{ path: 'a', blob: live.digest, size: live.size }] });
    await put(rig.store, 'a', 'now small; the version before still names it');
    expect(await rig.store.gc({ apply: true, graceMs: DAY })).toMatchObject({ blobs: 0 });
    expect(await rig.store.hasBlob(dead.digest)).toBe(true);
    rig.pass(DAY + 1000);
    expect(await rig.store.gc({ apply: false, graceMs: DAY })).toMatchObject({ blobs: 1, applied: false });
    expect(await rig.store.hasBlob(dead.digest)).toBe(true);
    expect(await rig.store.gc({ apply: true, graceMs: DAY })).toMatchObject({ blobs: 1, applied: true });
    expect(await rig.store.hasBlob(dead.digest)).toBe(false);
    expect(await rig.store.hasBlob(live.digest)).toBe(true);
  });

  test('a sound store verifies, and is counted', async () => {
    await using rig = await start();
    await put(rig.store, 'a', '1');
    await put(rig.store, 'a', '2');
    expect(await rig.store.verify()).toMatchObject({ damaged: [] });
    expect(await rig.store.verify({ quick: true })).toMatchObject({ damaged: [] });
    expect(await rig.store.stat()).toMatchObject({ commits: 2 });
  });

  test('close waits for what is in flight, may be called twice, and never throws', async () => {
    await using rig = await start();
    const flying = put(rig.store, 'a', '1');
    await Promise.all([rig.store.close(), rig.store.close()]);
    expect(await flying).toMatchObject({ seq: 1 });
  });
}
