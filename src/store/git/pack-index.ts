import { createHash } from 'node:crypto';
import { RestageError } from '../../errors.ts';
import { compareText } from '../../model/order.ts';
import type { ObjectId } from './object.ts';
import type { PackedEntry } from './pack.ts';

const MAGIC = Buffer.from('\xfftOc\x00\x00\x00\x02', 'latin1');
const IDS = MAGIC.length + 256 * 4;

/** Writes the index of a pack, version 2. */
export function encodePackIndex(entries: readonly PackedEntry[], packChecksum: string): Buffer {
  const sorted = [...entries].sort((a, b) => compareText(a.id, b.id));
  const crcs = IDS + sorted.length * 20;
  const offsets = crcs + sorted.length * 4;
  const bytes = Buffer.alloc(offsets + sorted.length * 4 + 40);
  MAGIC.copy(bytes);
  let count = 0;
  for (let first = 0; first < 256; first++) {
    while (count < sorted.length && Number.parseInt(sorted[count]?.id.slice(0, 2) ?? '', 16) <= first) count++;
    bytes.writeUInt32BE(count, MAGIC.length + first * 4);
  }
  for (const [at, { id, crc, offset }] of sorted.entries()) {
    bytes.write(id, IDS + at * 20, 'hex');
    bytes.writeUInt32BE(crc, crcs + at * 4);
    bytes.writeUInt32BE(offset, offsets + at * 4);
  }
  bytes.write(packChecksum, bytes.length - 40, 'hex');
  createHash('sha1')
    .update(bytes.subarray(0, -20))
    .digest()
    .copy(bytes, bytes.length - 20);
  return bytes;
}

/** The index of a pack, read. */
export interface PackIndex {
  readonly count: number;
  /** The checksum of the pack that it belongs to. */
  readonly packChecksum: string;
  /** Where an object lies in the pack. */
  offsetOf(id: ObjectId): number | undefined;
  /** All objects, by id. */
  entries(): Generator<PackedEntry>;
  /** Whether the bytes are what their own checksum says. */
  isWhole(): boolean;
}

/** Reads an index, version 2. @throws {RestageError} `store/damaged` */
export function readPackIndex(bytes: Buffer, file: string): PackIndex {
  const count = bytes.length >= IDS ? bytes.readUInt32BE(IDS - 4) : 0;
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC) || bytes.length < IDS + count * 28 + 40) {
    throw new RestageError('store/damaged', `${file} is no index of a pack`, { details: { file } });
  }
  const crcs = IDS + count * 20;
  const offsets = crcs + count * 4;
  const offsetAt = (at: number): number => {
    const offset = bytes.readUInt32BE(offsets + at * 4);
    // The highest bit says: look into the table of long offsets.
    return offset < 0x80000000
      ? offset
      : Number(bytes.readBigUInt64BE(offsets + count * 4 + (offset - 0x80000000) * 8));
  };
  return {
    count,
    packChecksum: bytes.toString('hex', bytes.length - 40, bytes.length - 20),
    offsetOf(id) {
      const key = Buffer.from(id, 'hex');
      const first = key[0] ?? 0;
      let low = first === 0 ? 0 : bytes.readUInt32BE(MAGIC.length + (first - 1) * 4);
      let high = bytes.readUInt32BE(MAGIC.length + first * 4);
      while (low < high) {
        const middle = (low + high) >>> 1;
        const order = bytes.compare(key, 0, 20, IDS + middle * 20, IDS + middle * 20 + 20);
        if (order === 0) return offsetAt(middle);
        if (order < 0) low = middle + 1;
        else high = middle;
      }
      return undefined;
    },
    *entries() {
      for (let at = 0; at < count; at++) {
        const id = bytes.toString('hex', IDS + at * 20, IDS + at * 20 + 20);
        yield { id, offset: offsetAt(at), crc: bytes.readUInt32BE(crcs + at * 4) };
      }
    },
    isWhole: () => createHash('sha1').update(bytes.subarray(0, -20)).digest().equals(bytes.subarray(-20)),
  };
}
