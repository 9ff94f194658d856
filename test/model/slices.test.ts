import { createHash } from 'node:crypto';
import { afterAll, describe, expect, test } from 'vitest';
import { CODING, inlineSliceWork } from '../../src/model/slices.ts';
import { startSliceWork } from '../../src/platform/workers.ts';
import { noise, text } from '../store/chunk/rig.ts';

const BYTES = Buffer.concat([noise(70_000), text(70_000), Buffer.alloc(70_000), Buffer.from('short')]);
const ENDS = [70_000, 140_000, 210_000, 210_005];
const threads = startSliceWork();

afterAll(() => threads.close());

describe.each([
  { where: 'this thread', work: inlineSliceWork() },
  { where: 'other threads', work: threads },
])('the work on slices in $where', ({ work }) => {
  test('names each slice by its sha256', async () => {
    const names = Buffer.from(await work.names(shared(BYTES), Uint32Array.from(ENDS)));
    for (const [index, slice] of slicesOf(BYTES).entries()) {
      const name = createHash('sha256').update(slice).digest();
      expect(names.subarray(index * 32, (index + 1) * 32).equals(name)).toBe(true);
    }
  });

  test('codes what can be coded, leaves noise raw, and gives all of it back', async () => {
    const target = shared(Buffer.alloc(BYTES.length + 4 * 45));
    const ranges = Uint32Array.from(ENDS.flatMap((end, index) => [ENDS[index - 1] ?? 0, end]));
    const table = [...(await work.pack(shared(BYTES), ranges, target, { lead: 45, worth: 0.03 }))];
    expect([1, 4, 7, 10].map((at) => table[at])).toEqual([CODING.raw, CODING.zstd, CODING.zstd, CODING.raw]);
    expect(table[0]).toBe(70_000);
    const slices: number[] = [];
    let at = 0;
    for (const [index, slice] of slicesOf(BYTES).entries()) {
      const [stored = 0, coding = 0] = table.slice(index * 3);
      slices.push(at + 45, stored, slice.length, coding);
      at += 45 + stored;
    }
    const unpacked = await work.unpack(target, Uint32Array.from(slices));
    expect(Buffer.from(unpacked.bytes).equals(BYTES)).toBe(true);
    expect(Buffer.from(unpacked.names)).toEqual(Buffer.from(await work.names(BYTES, Uint32Array.from(ENDS))));
  });

  test.each([
    { slice: [0, 100, 100, CODING.zstd], why: 'no zstd at all' },
    { slice: [0, 100, 99, CODING.raw], why: 'raw bytes of another size' },
    { slice: [0, 100, 100, 7], why: 'a coding that nobody knows' },
  ])('gives no name to what cannot be decoded: $why', async ({ slice }) => {
    const { names } = await work.unpack(noise(100), Uint32Array.from(slice));
    expect(Buffer.from(names)).toEqual(Buffer.alloc(32));
  });

  test('hashes buffers that come one after the other', async () => {
    const digester = work.digester();
    for (const slice of slicesOf(BYTES)) await digester.update(slice);
    expect(Buffer.from(await digester.digest())).toEqual(createHash('sha256').update(BYTES).digest());
  });
});

test('threads code into memory that is not shared too', async () => {
  const target = Buffer.alloc(BYTES.length + 45);
  const options = { lead: 45, worth: 0.03 };
  const [stored = 0] = await threads.pack(BYTES, Uint32Array.of(70_000, 140_000), target, options);
  expect(stored).toBeGreaterThan(0);
  expect(target.subarray(45, 45 + stored).some((byte) => byte !== 0)).toBe(true);
});

function slicesOf(bytes: Buffer): Buffer[] {
  return ENDS.map((end, index) => bytes.subarray(ENDS[index - 1] ?? 0, end));
}

function shared(bytes: Buffer): Buffer {
  const memory = Buffer.from(new SharedArrayBuffer(bytes.length));
  bytes.copy(memory);
  return memory;
}
