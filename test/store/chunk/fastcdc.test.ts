import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chunkerOf } from '../../../src/store/chunk/chunkers.ts';
import { cutPoint, GEAR } from '../../../src/store/chunk/fastcdc.ts';
import { noise } from './rig.ts';

/** Small sizes, so that a few KiB have many chunks. */
const SIZES = { minimum: 64, average: 256, maximum: 1024 };

describe('cutPoint', () => {
  test('uses the gear table of the format', () => {
    expect([...GEAR.slice(0, 4)]).toEqual([1848904604, 1274352175, -608062263, 139455752]);
    const table = Buffer.from(GEAR.buffer);
    expect(createHash('sha256').update(table).digest('hex')).toBe(
      '7af9a25d3dcad89dd7bc5d76b814d13fa8c97dd5891d08c6543715d5e129b56e',
    );
  });

  test.each([
    { id: 'cdc-64k', count: 66, ends: [112_375, 149_841, 241_945, 321_210] },
    { id: 'cdc-256k', count: 17, ends: [149_841, 412_848, 782_501, 1_052_873] },
    { id: 'cdc-1m', count: 5, ends: [1_052_873, 2_231_686, 3_390_104, 4_984_614] },
    { id: 'fixed-1m', count: 5, ends: [1_048_576, 2_097_152, 3_145_728, 4_194_304] },
  ] as const)('cuts a known content with $id where the format says', ({ id, count, ends }) => {
    const bytes = noise(5_000_000);
    const found: number[] = [];
    for (let at = 0; at < bytes.length; found.push(at)) at = chunkerOf(id).cut(bytes, at, bytes.length);
    expect(found.length).toBe(count);
    expect(found.slice(0, 4)).toEqual(ends);
  });

  test('makes chunks between minimum and maximum, the last one excepted', () => {
    const content = fc.uint8Array({ maxLength: 20_000, size: 'max' });
    fc.assert(
      fc.property(content, (bytes) => {
        const ends = cutAll(bytes);
        const sizes = ends.map((end, index) => end - (ends[index - 1] ?? 0));
        expect(ends.at(-1) ?? 0).toBe(bytes.length);
        for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThan(SIZES.minimum);
        for (const size of sizes) expect(size).toBeLessThanOrEqual(SIZES.maximum);
      }),
      { numRuns: 50 },
    );
  });

  test('cuts content without any pattern at the maximum', () => {
    expect(cutAll(new Uint8Array(4096))).toEqual([1024, 2048, 3072, 4096]);
  });

  test('looks no further than the maximum: more to come changes nothing', () => {
    const bytes = noise(8192);
    const seen = cutPoint(bytes, 100, 100 + SIZES.maximum, SIZES);
    expect(cutPoint(bytes, 100, bytes.length, SIZES)).toBe(seen);
  });

  test('an insertion changes a few chunks near it and no others', () => {
    const bytes = noise(200_000);
    const before = chunksOf(bytes);
    fc.assert(
      fc.property(fc.nat(bytes.length), fc.uint8Array({ minLength: 1, maxLength: 100 }), (at, inserted) => {
        const after = chunksOf(Buffer.concat([bytes.subarray(0, at), inserted, bytes.subarray(at)]));
        const fresh = [...after].filter((chunk) => !before.has(chunk));
        expect(fresh.length).toBeLessThan(16);
      }),
      { numRuns: 30 },
    );
  });
});

function cutAll(bytes: Uint8Array): number[] {
  const ends: number[] = [];
  for (let at = 0; at < bytes.length; ends.push(at)) at = cutPoint(bytes, at, bytes.length, SIZES);
  return ends;
}

function chunksOf(bytes: Uint8Array): Set<string> {
  const ends = cutAll(bytes);
  return new Set(ends.map((end, index) => Buffer.from(bytes.subarray(ends[index - 1] ?? 0, end)).toString('latin1')));
}
