import { createHash } from 'node:crypto';
import { NAME_BYTES } from '../../model/slices.ts';

/** The first line of an index. */
const INDEX_MAGIC = Buffer.from('restage-packs/1\n', 'latin1');
const FAN_OUT = 256;
/** Name, offset, stored bytes, raw bytes. */
const ENTRY_BYTES = 48;
/** Digest of a blob, number of the entry of its recipe. */
const BLOB_BYTES = 36;
const HEAD_BYTES = INDEX_MAGIC.length + 16 + FAN_OUT * 4;

/** A record of a pack as its index knows it. */
export interface PackEntry {
  /** The sha256 of the raw bytes. */
  readonly name: Buffer;
  /** Where its header begins in the pack. */
  readonly offset: number;
  readonly stored: number;
  readonly raw: number;
}

/** A recipe of a pack, found by the digest of the blob it makes. */
export interface BlobEntry {
  /** The 32 bytes of the digest. */
  readonly digest: Buffer;
  /** Name of the recipe: the sha256 of its text. */
  readonly recipe: Buffer;
}

/**
 * The index of a pack: sorted names with a fan-out over their first byte, then the blobs whose recipes are in the pack.
 *
 * It is kept as the bytes of its file, so that a million entries are one buffer and no objects.
 */
export class PackIndex {
  /** Bytes of the pack up to the end of its last record. */
  readonly packSize: number;
  readonly count: number;
  readonly blobs: readonly BlobEntry[];
  readonly #bytes: Buffer;

  private constructor(bytes: Buffer, packSize: number, count: number, blobCount: number) {
    this.#bytes = bytes;
    this.packSize = packSize;
    this.count = count;
    this.blobs = Array.from({ length: blobCount }, (_, index) => {
      const at = HEAD_BYTES + count * ENTRY_BYTES + index * BLOB_BYTES;
      const digest = bytes.subarray(at, at + NAME_BYTES);
      return { digest, recipe: this.nameAt(bytes.readUInt32LE(at + NAME_BYTES)) };
    });
  }

  /** Reads the bytes of a file; `undefined` if a single bit of them is not as it was written. */
  static parse(bytes: Buffer): PackIndex | undefined {
    if (bytes.length < HEAD_BYTES + NAME_BYTES || !bytes.subarray(0, INDEX_MAGIC.length).equals(INDEX_MAGIC)) return;
    const body = bytes.subarray(0, -NAME_BYTES);
    if (!createHash('sha256').update(body).digest().equals(bytes.subarray(-NAME_BYTES))) return;
    const packSize = Number(bytes.readBigUInt64LE(INDEX_MAGIC.length));
    const count = bytes.readUInt32LE(INDEX_MAGIC.length + 8);
    const blobCount = bytes.readUInt32LE(INDEX_MAGIC.length + 12);
    if (body.length !== HEAD_BYTES + count * ENTRY_BYTES + blobCount * BLOB_BYTES) return;
    return new PackIndex(bytes, packSize, count, blobCount);
  }

  /** The name of entry number `index`. */
  nameAt(index: number): Buffer {
    const at = HEAD_BYTES + index * ENTRY_BYTES;
    return this.#bytes.subarray(at, at + NAME_BYTES);
  }

  /** Whether entry number `index` has the name that stands in `bytes` at `from`. */
  isNamed(index: number, bytes: Uint8Array, from: number): boolean {
    const at = HEAD_BYTES + index * ENTRY_BYTES;
    return this.#bytes.compare(bytes, from, from + NAME_BYTES, at, at + NAME_BYTES) === 0;
  }

  /** Entry number `index`, in the order of the names. */
  entryAt(index: number): PackEntry {
    const at = HEAD_BYTES + index * ENTRY_BYTES + NAME_BYTES;
    return {
      name: this.nameAt(index),
      offset: Number(this.#bytes.readBigUInt64LE(at)),
      stored: this.#bytes.readUInt32LE(at + 8),
      raw: this.#bytes.readUInt32LE(at + 12),
    };
  }

  /** All entries, in the order of the names. */
  *entries(): Generator<PackEntry> {
    for (let index = 0; index < this.count; index++) yield this.entryAt(index);
  }
}

/** Writes an index; entries and blobs may come in any order, and a name that comes twice is kept once. */
export function formatPackIndex(
  packSize: number,
  entries: readonly PackEntry[],
  blobs: readonly BlobEntry[],
): Buffer<ArrayBuffer> {
  const sorted = entries
    .toSorted((a, b) => a.name.compare(b.name))
    .filter(({ name }, index, all) => index === 0 || !all[index - 1]?.name.equals(name));
  const bytes = Buffer.alloc(HEAD_BYTES + sorted.length * ENTRY_BYTES + blobs.length * BLOB_BYTES + NAME_BYTES);
  bytes.set(INDEX_MAGIC);
  let at = INDEX_MAGIC.length;
  at = bytes.writeBigUInt64LE(BigInt(packSize), at);
  at = bytes.writeUInt32LE(sorted.length, at);
  at = bytes.writeUInt32LE(blobs.length, at);
  const counts = new Uint32Array(FAN_OUT);
  for (const { name } of sorted) counts[name[0] ?? 0] = (counts[name[0] ?? 0] ?? 0) + 1;
  let below = 0;
  for (const count of counts) at = bytes.writeUInt32LE((below += count), at);
  const numberByName = new Map<string, number>();
  for (const [index, { name, offset, stored, raw }] of sorted.entries()) {
    bytes.set(name, at);
    bytes.writeBigUInt64LE(BigInt(offset), at + 32);
    bytes.writeUInt32LE(stored, at + 40);
    bytes.writeUInt32LE(raw, at + 44);
    numberByName.set(name.toString('latin1'), index);
    at += ENTRY_BYTES;
  }
  for (const { digest, recipe } of blobs.toSorted((a, b) => a.digest.compare(b.digest))) {
    bytes.set(digest, at);
    bytes.writeUInt32LE(numberByName.get(recipe.toString('latin1')) ?? 0, at + NAME_BYTES);
    at += BLOB_BYTES;
  }
  bytes.set(createHash('sha256').update(bytes.subarray(0, at)).digest(), at);
  return bytes;
}
