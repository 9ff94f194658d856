import { CODING, NAME_BYTES, packSlices } from '../../model/slices.ts';
import type { EncodedRecords } from './open-pack.ts';
import { RECORD_HEADER, writeRecordHeader } from './pack-format.ts';
import type { PackEntry } from './pack-index.ts';

/** What a record that was packed is: its name and its raw size, in the order of the slices. */
export interface RecordIdentity {
  readonly name: Buffer;
  readonly raw: number;
}

/** How records are coded: room for the header, and raw bytes where zstd would save less than 3 %. */
export const RECORD_CODING = { lead: RECORD_HEADER, worth: 0.03 };

/** Writes the headers into the room that was left before each packed slice: then the bytes are records of chunks. */
export function chunkRecords(
  packed: Uint8Array,
  table: Uint32Array,
  identities: readonly RecordIdentity[],
): EncodedRecords {
  const target = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
  const entries: PackEntry[] = [];
  let offset = 0;
  for (const [index, { name, raw }] of identities.entries()) {
    const [stored = 0, coding = 0, storedCrc = 0] = table.subarray(index * 3, index * 3 + 3);
    writeRecordHeader(target, offset, { name, raw, stored, coding, storedCrc, isRecipe: false });
    entries.push({ name, offset, stored, raw });
    offset += RECORD_HEADER + stored;
  }
  return { bytes: target.subarray(0, offset), entries, blobs: [] };
}

/** Makes the record of a recipe; `digest` is that of the blob which it makes. */
export function recipeRecord(text: Buffer, name: Buffer, digest: Buffer): EncodedRecords {
  const target = Buffer.alloc(RECORD_HEADER + text.length);
  const [stored = 0, coding = CODING.raw, storedCrc = 0] = packSlices(
    text,
    Uint32Array.of(0, text.length),
    target,
    RECORD_CODING,
  );
  writeRecordHeader(target, 0, { name, raw: text.length, stored, coding, storedCrc, isRecipe: true });
  return {
    bytes: target.subarray(0, RECORD_HEADER + stored),
    entries: [{ name, offset: 0, stored, raw: text.length }],
    blobs: [{ digest, recipe: name }],
  };
}

/** The part of `names` that belongs to slice `index`, as a key for maps: a Buffer would never be found again. */
export function keyAt(names: Buffer, index: number): string {
  return names.toString('latin1', index * NAME_BYTES, (index + 1) * NAME_BYTES);
}
