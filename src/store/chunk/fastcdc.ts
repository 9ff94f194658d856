import { createHash } from 'node:crypto';

/** The sizes between which content is cut, in bytes. `average` is a power of two; `maximum` is at most 4 MiB. */
export interface CutSizes {
  readonly minimum: number;
  readonly average: number;
  readonly maximum: number;
}

/** Bits by which the mask is stricter below the average size and looser above it ("normalised chunking"). */
const NORMALISATION = 2;

/**
 * One random number for each byte value, part of the format: the first four bytes, big-endian, of the sha256 of that
 * one byte, as a signed integer.
 */
export const GEAR: Int32Array = Int32Array.from({ length: 256 }, (_, value) =>
  createHash('sha256').update(Uint8Array.of(value)).digest().readInt32BE(0),
);

/**
 * Finds where the chunk that begins at `start` ends (FastCDC with a gear hash of 32 bits).
 *
 * Nothing is cut before `minimum`. From there the hash starts at 0 and takes in a byte at a time,
 * `hash = (hash << 1) + GEAR[byte]`; the chunk ends behind the first byte after which the upper bits of the hash are
 * all 0: log2(average) + 2 of them below `average`, log2(average) - 2 above it. At `maximum` it ends in any case.
 *
 * @param end - how far `bytes` may be read: at least `maximum` beyond `start`, or the end of the content
 */
export function cutPoint(bytes: Uint8Array, start: number, end: number, sizes: CutSizes): number {
  const { minimum, average, maximum } = sizes;
  const left = end - start;
  if (left <= minimum) return end;
  const bits = 31 - Math.clz32(average);
  const strict = -1 << (32 - bits - NORMALISATION);
  const loose = -1 << (32 - bits + NORMALISATION);
  const limit = start + Math.min(maximum, left);
  let stop = start + Math.min(average, left);
  let mask = strict;
  let hash = 0;
  let at = start + minimum;
  for (;;) {
    // Eight bytes in a turn, all hashed before the first is looked at, are a third faster than one.
    for (; at + 7 < stop; at += 8) {
      const hash1 = roll(hash, bytes[at]);
      const hash2 = roll(hash1, bytes[at + 1]);
      const hash3 = roll(hash2, bytes[at + 2]);
      const hash4 = roll(hash3, bytes[at + 3]);
      const hash5 = roll(hash4, bytes[at + 4]);
      const hash6 = roll(hash5, bytes[at + 5]);
      const hash7 = roll(hash6, bytes[at + 6]);
      hash = roll(hash7, bytes[at + 7]);
      if ((hash1 & mask) === 0) return at + 1;
      if ((hash2 & mask) === 0) return at + 2;
      if ((hash3 & mask) === 0) return at + 3;
      if ((hash4 & mask) === 0) return at + 4;
      if ((hash5 & mask) === 0) return at + 5;
      if ((hash6 & mask) === 0) return at + 6;
      if ((hash7 & mask) === 0) return at + 7;
      if ((hash & mask) === 0) return at + 8;
    }
    while (at < stop) {
      hash = roll(hash, bytes[at++]);
      if ((hash & mask) === 0) return at;
    }
    if (stop === limit) return limit;
    [stop, mask] = [limit, loose];
  }
}

function roll(hash: number, byte: number | undefined): number {
  return ((hash << 1) + (GEAR[byte ?? 0] ?? 0)) | 0;
}
