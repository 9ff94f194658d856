import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkTable } from '../../../src/store/chunk/chunk-table.ts';
import { formatPackIndex, type PackEntry, PackIndex } from '../../../src/store/chunk/pack-index.ts';
import { noise } from './rig.ts';

describe('PackIndex', () => {
  test('reads what was written, sorted, each name once', () => {
    const entries = [5, 3, 9, 3, 1].map(entry);
    const blob = { digest: noise(32, 'blob'), recipe: noise(32, '9') };
    const index = PackIndex.parse(formatPackIndex(12_345, entries, [blob]));
    expect(index).toMatchObject({ packSize: 12_345, count: 4, blobs: [blob] });
    const expected = [5, 3, 9, 1].map(entry).sort((a, b) => a.name.compare(b.name));
    expect([...(index?.entries() ?? [])]).toEqual(expected);
  });

  test('refuses an index in which any bit is another one, and one that is too short or too long', () => {
    const bytes = formatPackIndex(99, [1, 2].map(entry), [{ digest: noise(32), recipe: noise(32, '1') }]);
    expect(PackIndex.parse(bytes)).toBeDefined();
    for (let bit = 0; bit < bytes.length * 8; bit += 3) {
      const flipped = Buffer.from(bytes);
      flipped[bit >>> 3] = (flipped[bit >>> 3] ?? 0) ^ (1 << (bit & 7));
      expect(PackIndex.parse(flipped)).toBeUndefined();
    }
    for (const length of [0, 16, bytes.length - 1]) expect(PackIndex.parse(bytes.subarray(0, length))).toBeUndefined();
    expect(PackIndex.parse(Buffer.concat([bytes, Buffer.alloc(1)]))).toBeUndefined();
  });

  test('its fan-out counts the names whose first byte is not higher', () => {
    const entries = [1, 2, 3, 4, 5].map(entry);
    const bytes = formatPackIndex(99, entries, []);
    const fanOut = Array.from({ length: 256 }, (_, byte) => bytes.readUInt32LE(32 + byte * 4));
    expect(fanOut).toEqual(fanOut.map((_, byte) => entries.filter(({ name }) => (name[0] ?? 0) <= byte).length));
  });
});

describe('ChunkTable', () => {
  test('finds what a map would find, whatever is added and dropped', () => {
    const pack = fc.uniqueArray(fc.nat(300), { maxLength: 200, size: 'max' });
    const steps = fc.array(fc.oneof(pack, fc.constant('drop')), { maxLength: 20, size: 'max' });
    fc.assert(
      fc.property(steps, (list) => {
        const table = new ChunkTable();
        const packs = new Map<{ id: string; index: PackIndex }, Set<number>>();
        for (const [number, step] of list.entries()) {
          if (typeof step === 'string') {
            const [oldest] = packs.keys();
            if (oldest) table.drop(oldest);
            if (oldest) packs.delete(oldest);
            continue;
          }
          const index = PackIndex.parse(formatPackIndex(1, step.map(entry), []));
          if (!index) throw new Error('cannot be read');
          const added = { id: String(number), index };
          packs.set(added, new Set(step));
          table.add(added);
        }
        for (let seed = 0; seed < 310; seed += 7) {
          const found = table.find(entry(seed).name);
          const isThere = [...packs.values()].some((seeds) => seeds.has(seed));
          expect(found?.raw).toBe(isThere ? seed + 2 : undefined);
        }
      }),
      { numRuns: 30 },
    );
  });

  test('leaves out packs that are not accepted', () => {
    const table = new ChunkTable();
    for (const id of ['a', 'b']) {
      const index = PackIndex.parse(formatPackIndex(1, [entry(1)], []));
      if (index) table.add({ id, index });
    }
    expect(table.find(entry(1).name, 0, ({ id }) => id === 'b')?.pack.id).toBe('b');
    expect(table.find(entry(1).name, 0, () => false)).toBeUndefined();
  });
});

function entry(seed: number): PackEntry {
  return { name: noise(32, String(seed)), offset: seed * 2 ** 33, stored: seed + 1, raw: seed + 2 };
}
