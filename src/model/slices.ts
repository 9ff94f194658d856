import { createHash } from 'node:crypto';
import { constants, crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Bytes of a sha256. */
export const NAME_BYTES = 32;

/** Bytes that are looked at before zstd is tried, in so many places. */
const [SAMPLE, SAMPLE_PARTS] = [4096, 8];

/** How the bytes of a slice are stored; the numbers are part of the format of the store. */
export const CODING = { raw: 0, zstd: 1 } as const;

/** Slices that were decoded, one behind the other. */
export interface UnpackedSlices {
  readonly bytes: Uint8Array;
  /** The sha256 of each; all zeros where the stored bytes cannot be decoded. */
  readonly names: Uint8Array;
}

/**
 * Work on many slices of one buffer at once: hashing and coding.
 *
 * Who has threads does it there; then the buffer must not change before the promise has resolved, and it is not copied
 * when it is shared memory. `close` lets the threads go, and never throws.
 */
export interface SliceWork {
  /** The sha256 of each slice, one behind the other; slice N ends before `ends[N]` and begins where N - 1 ended. */
  names(bytes: Uint8Array, ends: Uint32Array): Promise<Uint8Array>;
  /**
   * Codes slices `[start, end)*` with zstd, or leaves them raw where less than `worth` of the bytes would be saved.
   *
   * They go to `target` one behind the other, with `lead` free bytes before each. There must be room for all of them as
   * raw bytes. Answers `[stored bytes, coding, crc32 of the stored bytes]*`.
   */
  pack(bytes: Uint8Array, ranges: Uint32Array, target: Uint8Array, options: PackOptions): Promise<Uint32Array>;
  /** Decodes slices `[start, stored bytes, raw bytes, coding]*` and hashes what comes out. */
  unpack(bytes: Uint8Array, slices: Uint32Array): Promise<UnpackedSlices>;
  /** A sha256 over buffers that come one after the other. */
  digester(): Digester;
  close(): Promise<void>;
}

/** How slices are coded. */
export interface PackOptions {
  /** Bytes that are left free before each slice, for a header. */
  readonly lead: number;
  /** The share of the bytes that coding must save. */
  readonly worth: number;
}

/** A sha256 that grows. */
export interface Digester {
  /** Resolves when the bytes may change again. Order of the calls is order of the bytes. */
  update(bytes: Uint8Array): Promise<void>;
  digest(): Promise<Uint8Array>;
}

/** See `SliceWork.names`. */
export function namesOfSlices(bytes: Uint8Array, ends: Uint32Array): Uint8Array {
  const names = new Uint8Array(ends.length * NAME_BYTES);
  let start = 0;
  for (const [index, end] of ends.entries()) {
    names.set(createHash('sha256').update(bytes.subarray(start, end)).digest(), index * NAME_BYTES);
    start = end;
  }
  return names;
}

/** See `SliceWork.pack`. */
export function packSlices(
  bytes: Uint8Array,
  ranges: Uint32Array,
  target: Uint8Array,
  { lead, worth }: PackOptions,
): Uint32Array {
  const table = new Uint32Array((ranges.length / 2) * 3);
  let at = 0;
  for (let index = 0; index < ranges.length / 2; index++) {
    const raw = bytes.subarray(ranges[index * 2], ranges[index * 2 + 1]);
    const packed = looksRandom(raw) ? undefined : compress(raw);
    const isWorth = packed !== undefined && packed.length <= raw.length * (1 - worth);
    const stored = isWorth ? packed : raw;
    target.set(stored, at + lead);
    table.set([stored.length, isWorth ? CODING.zstd : CODING.raw, crc32(stored)], index * 3);
    at += lead + stored.length;
  }
  return table;
}

/** See `SliceWork.unpack`. */
export function unpackSlices(bytes: Uint8Array, slices: Uint32Array): UnpackedSlices {
  let size = 0;
  for (let index = 0; index < slices.length; index += 4) size += slices[index + 2] ?? 0;
  const out = new Uint8Array(size);
  const names = new Uint8Array((slices.length / 4) * NAME_BYTES);
  let at = 0;
  for (let index = 0; index < slices.length; index += 4) {
    const [start = 0, stored = 0, raw = 0, coding = 0] = slices.subarray(index, index + 4);
    const decoded = decode(bytes.subarray(start, start + stored), raw, coding);
    if (decoded) {
      out.set(decoded, at);
      names.set(createHash('sha256').update(decoded).digest(), (index / 4) * NAME_BYTES);
    }
    at += raw;
  }
  return { bytes: out, names };
}

/** Does the work at once and in this thread: for little, and where there are no threads. */
export function inlineSliceWork(): SliceWork {
  return {
    names: async (bytes, ends) => namesOfSlices(bytes, ends),
    pack: async (bytes, ranges, target, options) => packSlices(bytes, ranges, target, options),
    unpack: async (bytes, slices) => unpackSlices(bytes, slices),
    digester: () => {
      const hash = createHash('sha256');
      return {
        update: async (bytes) => {
          hash.update(bytes);
        },
        digest: async () => hash.digest(),
      };
    },
    close: async () => undefined,
  };
}

/**
 * Whether a sample of some bytes has so flat a histogram that coding will not save anything: compressed or encrypted
 * content. The squares of the counts of truly random bytes add up to `SAMPLE² / 256 + SAMPLE`, give or take 361; at the
 * limit, six times that above, an order-0 coder would save 0.3 %.
 */
function looksRandom(raw: Uint8Array): boolean {
  if (raw.length < 4 * SAMPLE) return false;
  const counts = new Uint16Array(256);
  for (let part = 0; part < SAMPLE_PARTS; part++) {
    const from = Math.floor((raw.length / SAMPLE_PARTS) * part);
    for (let at = from; at < from + SAMPLE / SAMPLE_PARTS; at++) {
      const value = raw[at] ?? 0;
      counts[value] = (counts[value] ?? 0) + 1;
    }
  }
  let squares = 0;
  for (const count of counts) squares += count * count;
  return squares < SAMPLE ** 2 / 256 + SAMPLE + 6 * 361;
}

function compress(raw: Uint8Array): Uint8Array {
  return zstdCompressSync(raw, {
    // One piece of output: the default of 16 KiB makes many, and joins them.
    chunkSize: raw.length + (raw.length >>> 7) + 512,
    params: { [constants.ZSTD_c_compressionLevel]: 1 },
  });
}

function decode(stored: Uint8Array, raw: number, coding: number): Uint8Array | undefined {
  if (coding === CODING.raw) return stored.length === raw ? stored : undefined;
  if (coding !== CODING.zstd) return undefined;
  try {
    const decoded = zstdDecompressSync(stored, { chunkSize: Math.max(raw + 1, 64), maxOutputLength: Math.max(raw, 1) });
    return decoded.length === raw ? decoded : undefined;
  } catch {
    return undefined;
  }
}
