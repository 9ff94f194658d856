import { readdirSync, utimesSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src/model/id.ts';
import type { ChunkPlane } from '../../../src/store/chunk/contract.ts';
import { testContext } from '../../rig/context.ts';
import { chunkRig, type ChunkRig, contentOf, deadHost, failingFiles, filesOf, noise } from './rig.ts';

const HOUR = 3_600_000;

/** Two thirds of its chunks are those of `FIRST`. */
const FIRST = noise(3_000_000, 'first');
const SECOND = Buffer.concat([FIRST.subarray(0, 2_000_000), noise(1_000_000, 'second')]);

describe('gc', () => {
  test('removes what nothing refers to and keeps the rest', async () => {
    await using rig = await chunkRig();
    const [first, second] = [await rig.plane.putBlob(FIRST), await rig.plane.putBlob(SECOND)];
    const before = (await rig.plane.stat()).chunkBytes;
    const report = await collect(rig.plane, [second.digest]);
    expect(report).toMatchObject({ blobs: 1, applied: true });
    expect(report.bytes).toBeGreaterThan(900_000);
    expect((await rig.plane.stat()).chunkBytes).toBe(before - report.bytes);
    expect(await rig.plane.hasBlob(first.digest)).toBe(false);
    expect((await contentOf(rig.plane, second.digest)).equals(SECOND)).toBe(true);
    expect((await rig.plane.verify()).damaged).toEqual([]);
  });

  test('says what it would do without doing it', async () => {
    await using rig = await chunkRig();
    const { digest } = await rig.plane.putBlob(FIRST);
    const report = await rig.plane.gc({ live: async () => new Set(), graceMs: 0, apply: false });
    expect(report).toMatchObject({ blobs: 1, applied: false, graceBytes: 0 });
    expect((await contentOf(rig.plane, digest)).equals(FIRST)).toBe(true);
    expect(await collect(rig.plane, [])).toMatchObject({ blobs: 1, chunks: report.chunks, bytes: report.bytes });
    expect(filesOf(rig.root, '')).toEqual([]);
  });

  test('keeps what is younger than the time of grace, with all that it needs of older packs', async () => {
    await using rig = await chunkRig();
    await rig.plane.putBlob(FIRST);
    age(rig, 2 * HOUR);
    const second = await rig.plane.putBlob(SECOND);
    const report = await rig.plane.gc({ live: async () => new Set(), graceMs: HOUR, apply: true });
    expect(report.blobs).toBe(1);
    expect(report.graceBytes).toBeGreaterThan(2_900_000);
    expect((await contentOf(rig.plane, second.digest)).equals(SECOND)).toBe(true);
  });

  test('a content that is put again has its time of grace again', async () => {
    await using rig = await chunkRig();
    const { digest } = await rig.plane.putBlob(FIRST);
    age(rig, 2 * HOUR);
    expect((await rig.plane.putBlob(FIRST)).newBytes).toBe(0);
    expect(await rig.plane.gc({ live: async () => new Set(), graceMs: HOUR, apply: true })).toMatchObject({ blobs: 0 });
    expect(await rig.plane.hasBlob(digest)).toBe(true);
  });

  test('an upload that has found chunks keeps them, though it ends after the collection', async () => {
    await using rig = await chunkRig();
    await rig.plane.putBlob(FIRST);
    const collector = await rig.open();
    const source = async function* () {
      // More than can be on its way, so that the first block has been looked up when this goes on.
      yield Buffer.concat([FIRST, noise(28_000_000, 'middle')]);
      await collect(collector, []);
      yield noise(100, 'end');
    };
    const { digest } = await rig.plane.putBlob(source());
    const expected = Buffer.concat([FIRST, noise(28_000_000, 'middle'), noise(100, 'end')]);
    expect((await contentOf(rig.plane, digest)).equals(expected)).toBe(true);
    expect((await contentOf(await rig.open('read'), digest)).equals(expected)).toBe(true);
  });

  test.each([1, 2])('an upload in the middle of a collection (mark %i) is whole afterwards', async (mark) => {
    await using rig = await chunkRig();
    await rig.plane.putBlob(FIRST);
    const collector = await rig.open();
    let calls = 0;
    let digest: Digest | undefined;
    await collector.gc({
      live: async () => {
        if (++calls === mark) digest = (await rig.plane.putBlob(SECOND)).digest;
        // What was committed since is live at the next mark, and in time of need at this one.
        return new Set(digest ? [digest] : []);
      },
      graceMs: 0,
      apply: true,
    });
    if (!digest) throw new Error('nothing was put');
    expect((await contentOf(rig.plane, digest)).equals(SECOND)).toBe(true);
    expect((await contentOf(await rig.open('read'), digest)).equals(SECOND)).toBe(true);
  });

  test('an upload does not rely on what another process has collected since', async () => {
    await using rig = await chunkRig();
    await rig.plane.putBlob(FIRST);
    await collect(await rig.open(), []);
    const again = await rig.plane.putBlob(FIRST);
    expect(again.newBytes).toBeGreaterThan(FIRST.length);
    expect((await contentOf(rig.plane, again.digest)).equals(FIRST)).toBe(true);
  });

  test('a reader goes on while the packs that it knew are rewritten', async () => {
    await using rig = await chunkRig();
    const [, second] = [await rig.plane.putBlob(FIRST), await rig.plane.putBlob(SECOND)];
    const reader = await rig.open('read');
    expect(await reader.hasBlob(second.digest)).toBe(true);
    await collect(rig.plane, [second.digest]);
    expect((await contentOf(reader, second.digest)).equals(SECOND)).toBe(true);
  });

  test('two collections at once do no harm', async () => {
    await using rig = await chunkRig();
    const [, second] = [await rig.plane.putBlob(FIRST), await rig.plane.putBlob(SECOND)];
    const other = await rig.open();
    await Promise.all([collect(rig.plane, [second.digest]), collect(other, [second.digest])]);
    expect((await contentOf(other, second.digest)).equals(SECOND)).toBe(true);
    expect((await other.verify()).damaged).toEqual([]);
  });

  test('a recipe that is needed and cannot be read stops the collection before anything goes', async () => {
    await using rig = await chunkRig();
    const put = await rig.plane.putBlob(FIRST);
    const [pack = ''] = filesOf(rig.root, '.pack');
    const file = await open(pack, 'r+');
    await file.write(Buffer.from('x'), 0, 1, (await file.stat()).size - 5);
    await file.close();
    await expect(collect(rig.plane, [put.digest])).rejects.toMatchObject({ code: 'store/damaged' });
    expect(filesOf(rig.root, '.pack')).toEqual([pack]);
  });

  test('a crash at any step loses nothing, and the next collection finishes', { timeout: 180_000 }, async () => {
    for (let at = 0; ; at++) {
      await using rig = await chunkRig();
      const [, second] = [await rig.plane.putBlob(FIRST.subarray(0, 400_000)), await rig.plane.putBlob(noise(200_000))];
      const both = await rig.plane.putBlob(Buffer.concat([FIRST.subarray(0, 150_000), noise(1000, 'more')]));
      await rig.plane.close();
      const failing = failingFiles(testContext().files, at, () => new Error('killed'), true);
      const dying = await rig.open('write', { ...deadHost(), files: failing.files }).catch(() => undefined);
      const live = [second.digest, both.digest];
      const ended = await (dying ? collect(dying, live) : Promise.reject(new Error('killed'))).catch(() => undefined);
      await dying?.close();
      const plane = await rig.open('write');
      expect((await contentOf(plane, second.digest)).equals(noise(200_000))).toBe(true);
      expect((await plane.verify()).damaged).toEqual([]);
      await collect(plane, live);
      expect((await contentOf(plane, both.digest)).length).toBe(151_000);
      // No record is there twice for long, and none that is dead.
      expect((await plane.stat()).chunkBytes).toBeLessThan(520_000);
      expect(readdirSync(join(rig.root, 'lock')).filter((name) => name.endsWith('.lock'))).toEqual([]);
      if (ended) break;
      expect(at).toBeLessThan(60);
    }
  });
});

function collect(plane: ChunkPlane, live: readonly Digest[]) {
  return plane.gc({ live: async () => new Set(live), graceMs: 0, apply: true });
}

/** Makes all packs that there are as old as that. */
function age(rig: ChunkRig, ms: number): void {
  for (const path of filesOf(rig.root, '.pack')) utimesSync(path, new Date(), new Date(Date.now() - ms));
}
