import { crc32 } from 'node:zlib';
import { CODING, NAME_BYTES } from '../../model/slices.ts';

/** The first line of a pack. */
export const PACK_MAGIC = Buffer.from('restage-chunks/1\n', 'latin1');

/** Bytes before the stored bytes of each record. */
export const RECORD_HEADER = 45;

/** Set in the coding byte of a record that is a recipe and not a chunk. */
export const RECIPE_FLAG = 0x80;

/** No record is bigger: what says so is damage. */
export const MAXIMUM_RECORD = 0x7fff_ffff;

/** What a record says of itself; all numbers stand little-endian, in this order, before the stored bytes. */
export interface RecordHeader {
  /** The sha256 of the raw bytes. */
  readonly name: Buffer;
  readonly raw: number;
  readonly stored: number;
  /** `CODING` and flags. */
  readonly coding: number;
  readonly isRecipe: boolean;
  /** Of the stored bytes, then of the header up to here. */
  readonly crc: number;
}

/** What to write into a header. */
export interface RecordFields {
  readonly name: Uint8Array;
  readonly raw: number;
  readonly stored: number;
  readonly coding: number;
  readonly isRecipe: boolean;
  /** crc32 of the stored bytes alone. */
  readonly storedCrc: number;
}

/** Writes a header into `target` at `at`. */
export function writeRecordHeader(target: Buffer, at: number, fields: RecordFields): void {
  target.set(fields.name, at);
  target.writeUInt32LE(fields.raw, at + 32);
  target.writeUInt32LE(fields.stored, at + 36);
  target.writeUInt8(fields.coding | (fields.isRecipe ? RECIPE_FLAG : 0), at + 40);
  target.writeUInt32LE(crc32(target.subarray(at, at + 41), fields.storedCrc), at + 41);
}

/** Reads a header; `undefined` if it cannot be one. The name is a view of `bytes`. */
export function readRecordHeader(bytes: Buffer, at: number): RecordHeader | undefined {
  if (at + RECORD_HEADER > bytes.length) return undefined;
  const raw = bytes.readUInt32LE(at + 32);
  const stored = bytes.readUInt32LE(at + 36);
  const flags = bytes.readUInt8(at + 40);
  const coding = flags & ~RECIPE_FLAG;
  if (raw > MAXIMUM_RECORD || stored > MAXIMUM_RECORD || coding > CODING.zstd) return undefined;
  return {
    name: bytes.subarray(at, at + NAME_BYTES),
    raw,
    stored,
    coding,
    isRecipe: (flags & RECIPE_FLAG) !== 0,
    crc: bytes.readUInt32LE(at + 41),
  };
}

/** Whether the crc of the record at `at`, which lies whole in `bytes`, is right. */
export function isRecordWhole(bytes: Buffer, at: number, header: RecordHeader): boolean {
  const stored = crc32(bytes.subarray(at + RECORD_HEADER, at + RECORD_HEADER + header.stored));
  return crc32(bytes.subarray(at, at + 41), stored) === header.crc;
}
