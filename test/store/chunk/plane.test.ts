import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../src/model/digest.ts';
import { inlineSliceWork } from '../../../src/model/slices.ts';
import { openChunkPlane } from '../../../src/store/chunk/open.ts';
import { PackIndex } from '../../../src/store/chunk/pack-index.ts';
import { testContext } from '../../rig/context.ts';
import { chunkRig, contentOf, filesOf, noise, text } from './rig.ts';

/** Content that crosses the borders of chunks, blocks and batches. */
const SIZES = [0, 1, 16_384, 65_537, 300_000, 4 * 1024 * 1024, 9_000_001];

describe('the chunk plane', () => {
  test.each(SIZES)('gives back %i bytes as they were put', async (size) => {
    await using rig = await chunkRig();
    const content = Buffer.concat([noise(size >>> 1), text(size - (size >>> 1))]);
    const put = await rig.plane.putBlob(content);
    expect(put).toMatchObject({ digest: digestOf(content), size });
    expect((await contentOf(rig.plane, put.digest)).equals(content)).toBe(true);
    expect(await rig.plane.sizeOf(put.digest)).toBe(size);
  });

  test('gives any range of a content, and no more than there is', async () => {
    await using rig = await chunkRig();
    const content = noise(700_000);
    const { digest } = await rig.plane.putBlob(content);
    const edge = fc.oneof(fc.nat(content.length), fc.constantFrom(0, 1, content.length - 1, content.length, 999_999));
    await fc.assert(
      fc.asyncProperty(edge, edge, async (start, end) => {
        const part = await contentOf(rig.plane, digest, { start, end });
        expect(part.equals(content.subarray(start, Math.max(start, end)))).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  test('a content in any parts, from a file or as bytes, is the same content', async () => {
    await using rig = await chunkRig();
    const content = noise(5_000_000);
    const { digest } = await rig.plane.putBlob(content);
    const path = join(rig.root, '..', 'content');
    writeFileSync(path, content);
    expect(await rig.plane.putBlob({ file: path })).toEqual({ digest, size: content.length, newBytes: 0 });
    const borders = fc.array(fc.nat(content.length), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(borders, async (list) => {
        const ends = [...list.toSorted((a, b) => a - b), content.length];
        const parts = ends.map((end, index) => content.subarray(ends[index - 1] ?? 0, end));
        expect(await rig.plane.putBlob(streamOf(parts))).toEqual({ digest, size: content.length, newBytes: 0 });
      }),
      { numRuns: 5 },
    );
  });

  test('stores equal content once, and of changed content what is new', async () => {
    await using rig = await chunkRig();
    const content = noise(8_000_000);
    const first = await rig.plane.putBlob(content);
    expect(first.newBytes).toBeGreaterThan(content.length);
    expect(first.newBytes).toBeLessThan(content.length * 1.01);
    const changed = Buffer.concat([
      content.subarray(0, 3_000_000),
      Buffer.from('inserted'),
      content.subarray(3_000_000),
    ]);
    const second = await rig.plane.putBlob(changed);
    expect(second.newBytes).toBeLessThan(600_000);
    expect((await contentOf(rig.plane, second.digest)).equals(changed)).toBe(true);
  });

  test('compresses what can be compressed', async () => {
    await using rig = await chunkRig();
    const { newBytes } = await rig.plane.putBlob(text(1_000_000));
    expect(newBytes).toBeLessThan(700_000);
  });

  test('keeps nothing for the holes of an image, and puts the zeros back', async () => {
    await using rig = await chunkRig();
    const image = Buffer.alloc(6_500_000);
    noise(1000).copy(image, 3_200_000);
    const put = await rig.plane.putBlob(image, { chunker: 'fixed-1m' });
    expect(put.newBytes).toBeLessThan(10_000);
    expect((await contentOf(rig.plane, put.digest)).equals(image)).toBe(true);
    expect((await contentOf(rig.plane, put.digest, { start: 3_100_000, end: 3_300_000 })).length).toBe(200_000);
  });

  test.each(['cdc-256k', 'cdc-1m'] as const)('takes content in with %s too', async (chunker) => {
    await using rig = await chunkRig();
    const content = noise(12_000_000);
    const { digest } = await rig.plane.putBlob(streamOf([content]), { chunker });
    expect((await contentOf(rig.plane, digest)).equals(content)).toBe(true);
  });

  test('does the same with threads and without', async () => {
    await using threads = await chunkRig();
    await using plain = await chunkRig({ sliceWork: inlineSliceWork });
    const content = Buffer.concat([noise(5_000_000), text(5_000_000)]);
    const one = await threads.plane.putBlob(content);
    expect(await plain.plane.putBlob(content)).toEqual(one);
    expect((await contentOf(plain.plane, one.digest)).equals(content)).toBe(true);
  });

  test('answers for what it does not have', async () => {
    await using rig = await chunkRig();
    const digest = digestOf('nothing');
    expect(await rig.plane.hasBlob(digest)).toBe(false);
    expect(await rig.plane.sizeOf(digest)).toBeUndefined();
    expect(await rig.plane.readBlob(digest)).toBeUndefined();
  });

  test('uploads at the same time share packs, and each chunk is stored once', async () => {
    await using rig = await chunkRig();
    const contents = Array.from({ length: 24 }, (_, index) =>
      Buffer.concat([noise(200_000, 'same'), noise(1000, `${index}`)]),
    );
    const puts = await Promise.all(contents.map((content) => rig.plane.putBlob(content)));
    for (const [index, { digest }] of puts.entries()) {
      expect((await contentOf(rig.plane, digest)).equals(contents[index] ?? Buffer.alloc(0))).toBe(true);
    }
    const { chunkBytes, packs } = await rig.plane.stat();
    expect(chunkBytes).toBeLessThan(200_000 + 24 * 90_000);
    expect(packs).toBeLessThan(12);
  });

  test('the same content put many times at once is there once', async () => {
    await using rig = await chunkRig();
    const content = noise(400_000);
    const puts = await Promise.all(Array.from({ length: 10 }, () => rig.plane.putBlob(content)));
    expect(new Set(puts.map(({ digest }) => digest)).size).toBe(1);
    expect((await rig.plane.stat()).chunkBytes).toBeLessThan(410_000);
    expect((await rig.plane.verify()).damaged).toEqual([]);
  });

  test('what one process has acknowledged another one reads at once', async () => {
    await using rig = await chunkRig();
    const other = await rig.open();
    const { digest } = await rig.plane.putBlob(noise(100_000));
    expect(await other.hasBlob(digest)).toBe(true);
    expect((await other.putBlob(noise(100_000))).newBytes).toBe(0);
    expect((await contentOf(other, digest)).length).toBe(100_000);
  });

  test('many small packs become few, and readers that know the old ones find their content', async () => {
    await using rig = await chunkRig();
    const reader = await rig.open('read');
    const puts = [];
    for (let index = 0; index < 130; index++) puts.push(await rig.plane.putBlob(noise(100, `${index}`)));
    await reader.hasBlob(digestOf('look'));
    await rig.plane.putBlob(noise(100, 'last'));
    await rig.plane.close();
    expect(filesOf(rig.root, '.pack').length).toBeLessThan(10);
    for (const { digest } of puts) expect((await contentOf(reader, digest)).length).toBe(100);
    expect((await reader.verify()).damaged).toEqual([]);
  });

  test('a plane that was opened for reading changes nothing', async () => {
    await using rig = await chunkRig();
    const reader = await rig.open('read');
    await expect(reader.putBlob(noise(10))).rejects.toThrow('was opened for reading');
    await expect(reader.gc({ live: async () => new Set(), graceMs: 0, apply: true })).rejects.toThrow(
      'was opened for reading',
    );
  });

  test('the failure of a source is the failure of the upload, and the plane goes on', async () => {
    await using rig = await chunkRig();
    const failing = async function* () {
      yield noise(5_000_000);
      throw new Error('the source is gone');
    };
    await expect(rig.plane.putBlob(failing())).rejects.toThrow('the source is gone');
    const { digest } = await rig.plane.putBlob(noise(5_000_000));
    expect((await contentOf(rig.plane, digest)).length).toBe(5_000_000);
  });

  test('an upload ends soon after the signal has aborted, with its reason, and leaves nothing open', async () => {
    await using rig = await chunkRig();
    const context = testContext();
    const plane = await openChunkPlane(rig.root, 'write', context);
    const path = join(rig.root, '..', 'content');
    writeFileSync(path, noise(60_000_000));
    const put = plane.putBlob({ file: path });
    const reason = new Error('enough');
    context.abort(reason);
    await expect(put).rejects.toBe(reason);
    await plane.close();
    expect(readdirSync(join(rig.root, 'lock'))).toEqual([]);
  });

  test('close waits for uploads that are on their way', async () => {
    await using rig = await chunkRig();
    const put = rig.plane.putBlob(noise(5_000_000));
    await rig.plane.close();
    const { digest } = await put;
    expect((await contentOf(await rig.open('read'), digest)).equals(noise(5_000_000))).toBe(true);
  });

  test('the bytes of a pack and of a recipe are part of the format', async () => {
    await using rig = await chunkRig({ random: { hex: () => '0123456789abcdef', uuid: () => '' } });
    await rig.plane.putBlob(noise(200_000));
    const [pack = ''] = filesOf(rig.root, '.pack');
    expect(pack).toContain('/pack/0123456789abcdef-0.pack');
    const bytes = readFileSync(pack);
    expect(bytes.subarray(0, 17).toString()).toBe('restage-chunks/1\n');
    // Name, raw size, stored size, raw, crc.
    const name = 'f4fca5ba4ebb3580f9e9b2514108247dc29cb304d0e171fe608d3944808209d2';
    expect(bytes.subarray(17, 62).toString('hex')).toBe(`${name}f7b60100f7b60100008e0fce7d`);
    expect(bytes.subarray(62, 62 + 112_375).equals(noise(112_375))).toBe(true);
    const index = PackIndex.parse(readFileSync(pack.replace('.pack', '.idx')));
    const [blob] = index?.blobs ?? [];
    expect(blob?.digest.toString('hex')).toBe(digestOf(noise(200_000)).slice('sha256:'.length));
    expect(blob?.recipe.toString('hex')).toBe('605381bf51499d73637ac544351a09bfde6e72ac721a1cee99cb586023c73b56');
  });
});

async function* streamOf(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}
