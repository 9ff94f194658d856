import { inflateSync } from 'node:zlib';
import { RestageError } from '../../errors.ts';
import type { Files, OpenFile } from '../../platform/files.ts';
import type { Lru } from '../lru.ts';
import type { GitObject, ObjectId } from './object.ts';
import { applyDelta, OFFSET_DELTA, PACK_KINDS, REF_DELTA } from './pack.ts';
import type { PackIndex } from './pack-index.ts';

/** Blocks of packs that were read lately, by pack and number. Shared by all packs of a store. */
export type BlockCache = Lru<string, Buffer>;

const BLOCK = 64 * 1024;
/** Checksum at the end of a pack. */
const TRAILER = 20;

/** What stands at one place of a pack: an object, or a delta and where its base is. */
interface RawEntry {
  readonly kind: number;
  readonly bytes: Buffer;
  readonly base?: number | ObjectId;
}

/** A pack on disk, opened when first read. It may vanish under us when git repacks: then reads reject with `file/missing`. */
export class PackFile {
  readonly path: string;
  readonly index: PackIndex;
  readonly #files: Pick<Files, 'open'>;
  readonly #blocks: BlockCache;
  readonly #bases: Lru<string, GitObject>;
  #open: Promise<{ readonly file: OpenFile; readonly size: number }> | undefined;

  constructor(
    path: string,
    index: PackIndex,
    caches: {
      readonly files: Pick<Files, 'open'>;
      readonly blocks: BlockCache;
      readonly bases: Lru<string, GitObject>;
    },
  ) {
    this.path = path;
    this.index = index;
    this.#files = caches.files;
    this.#blocks = caches.blocks;
    this.#bases = caches.bases;
  }

  /** The object at an offset. `other` finds a base that a delta names by id. */
  async read(offset: number, other: (id: ObjectId) => Promise<GitObject | undefined>): Promise<GitObject> {
    const key = `${this.path}:${offset}`;
    const known = this.#bases.get(key);
    if (known) return known;
    const entry = await this.#entry(offset);
    const kind = PACK_KINDS[entry.kind];
    if (kind !== undefined) return this.#keep(key, { kind, body: entry.bytes });
    if (entry.base === undefined) throw this.damage(offset, `is of unknown kind ${entry.kind}`);
    const base = typeof entry.base === 'number' ? await this.read(entry.base, other) : await other(entry.base);
    const body = base && applyDelta(base.body, entry.bytes);
    if (!base || !body) throw this.damage(offset, 'is a delta that does not fit its base');
    return this.#keep(key, { kind: base.kind, body });
  }

  /** Bytes of the pack without its checksum. */
  async size(): Promise<number> {
    return (await this.#opened()).size - TRAILER;
  }

  /** Raw bytes; fewer at the end. */
  async bytes(offset: number, length: number): Promise<Buffer> {
    const { file, size } = await this.#opened();
    const end = Math.min(offset + length, size);
    const parts: Buffer[] = [];
    for (let block = Math.floor(offset / BLOCK); block * BLOCK < end; block++) {
      const key = `${this.path}#${block}`;
      let bytes = this.#blocks.get(key);
      if (!bytes) {
        bytes = await file.read(block * BLOCK, Math.min(BLOCK, size - block * BLOCK));
        this.#blocks.set(key, bytes);
      }
      parts.push(bytes.subarray(Math.max(offset - block * BLOCK, 0), end - block * BLOCK));
    }
    const [only] = parts;
    return parts.length === 1 && only ? only : Buffer.concat(parts);
  }

  /** Says that something in this pack is not as it was written. */
  damage(offset: number, why: string, cause?: unknown): RestageError {
    return new RestageError('store/damaged', `the object at ${offset} in ${this.path} ${why}`, {
      details: { file: this.path, offset },
      cause,
    });
  }

  async close(): Promise<void> {
    const open = this.#open;
    this.#open = undefined;
    await (await open?.catch(() => undefined))?.file.close();
  }

  #keep(key: string, object: GitObject): GitObject {
    this.#bases.set(key, object);
    return object;
  }

  async #opened() {
    this.#open ??= this.#files.open(this.path, 'read').then(async (file) => ({ file, size: await file.size() }));
    try {
      return await this.#open;
    } catch (error) {
      this.#open = undefined;
      throw error;
    }
  }

  async #entry(offset: number): Promise<RawEntry> {
    const header = await this.bytes(offset, 32);
    let at = 0;
    let byte = header[at++] ?? 0;
    const kind = (byte >> 4) & 7;
    let size = byte & 15;
    for (let factor = 16; byte & 0x80; factor *= 128) {
      byte = header[at++] ?? 0;
      size += (byte & 0x7f) * factor;
    }
    let base: number | ObjectId | undefined;
    if (kind === OFFSET_DELTA) {
      byte = header[at++] ?? 0;
      let distance = byte & 0x7f;
      while (byte & 0x80) {
        byte = header[at++] ?? 0;
        distance = (distance + 1) * 128 + (byte & 0x7f);
      }
      base = offset - distance;
      if (distance === 0 || base < 12) throw this.damage(offset, 'has its base outside of the pack');
    } else if (kind === REF_DELTA) {
      base = (await this.bytes(offset + at, 20)).toString('hex');
      at += 20;
    }
    const bytes = await this.#inflate(offset, offset + at, size);
    return { kind, bytes, ...(base !== undefined && { base }) };
  }

  async #inflate(entry: number, offset: number, size: number): Promise<Buffer> {
    // zlib never makes more than this of `size` bytes.
    const packed = await this.bytes(offset, size + Math.ceil(size / 1000) + 64);
    let bytes: Buffer | undefined;
    try {
      bytes = inflateSync(packed, { maxOutputLength: Math.max(size, 1), chunkSize: Math.max(size, 1024) });
    } catch (cause) {
      throw this.damage(entry, 'cannot be inflated', cause);
    }
    if (bytes.length !== size) throw this.damage(entry, 'has another size than it says');
    return bytes;
  }
}
