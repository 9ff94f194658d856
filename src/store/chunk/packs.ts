import { RestageError } from '../../errors.ts';
import type { Digest } from '../../model/id.ts';
import { NAME_BYTES, unpackSlices } from '../../model/slices.ts';
import type { OpenFile } from '../../platform/files.ts';
import type { StoreContext } from '../engines/contract.ts';
import { ChunkTable, type Place } from './chunk-table.ts';
import { readDoom } from './doom.ts';
import { removeLeftovers, writerState } from './leftovers.ts';
import { PACK_MAGIC, RECORD_HEADER, type RecordHeader } from './pack-format.ts';
import { type BlobEntry, formatPackIndex, type PackEntry, PackIndex } from './pack-index.ts';
import { scanPack } from './pack-scan.ts';
import { parseRecipe } from './recipe.ts';

/** A pack that is complete: its index is there. It never changes again, and goes only as a whole. */
export interface SealedPack {
  readonly id: string;
  readonly path: string;
  readonly index: PackIndex;
}

/** An index that was not as it should be when the plane was opened, and what was done. */
export interface Repair {
  readonly file: string;
  readonly why: string;
}

const PACK = '.pack';
const INDEX = '.idx';
const TEMPORARY = '.idx.tmp';
/** Packs that are held open for reading at once. */
const OPEN_FILES = 32;

/** The packs of a directory, those of other processes too, and where each record is. */
export class Packs {
  readonly directory: string;
  readonly repairs: Repair[] = [];
  readonly #root: string;
  readonly #context: StoreContext;
  readonly #isReadOnly: boolean;
  readonly #table = new ChunkTable<SealedPack>();
  readonly #packs = new Map<string, SealedPack>();
  /** By the 32 bytes of a blob's digest: the names of recipes for it. */
  readonly #recipes = new Map<string, Set<string>>();
  readonly #open = new Map<string, Promise<OpenFile>>();
  #refreshing: Promise<void> | undefined;

  constructor(root: string, isReadOnly: boolean, context: StoreContext) {
    this.#root = root;
    this.directory = `${root}/pack`;
    this.#isReadOnly = isReadOnly;
    this.#context = context;
  }

  /** Where the parts of a pack are. */
  paths(id: string) {
    const base = `${this.directory}/${id}`;
    return { pack: base + PACK, index: base + INDEX, temporary: base + TEMPORARY };
  }

  /** Loads all packs; those that a dead process has left without an index get one, and lose a torn tail. */
  async open(): Promise<void> {
    await this.#load(true);
  }

  /** Takes in what other processes have added and removed since. */
  async refresh(): Promise<void> {
    this.#refreshing ??= this.#load(false).finally(() => {
      this.#refreshing = undefined;
    });
    await this.#refreshing;
  }

  all(): readonly SealedPack[] {
    return [...this.#packs.values()];
  }

  has(id: string): boolean {
    return this.#packs.has(id);
  }

  find(bytes: Uint8Array, from = 0, accepts?: (pack: SealedPack) => boolean): Place<SealedPack> | undefined {
    return this.#table.find(bytes, from, accepts);
  }

  /** The recipes that make a blob; usually none or one. */
  recipesOf(digest: Digest, accepts?: (pack: SealedPack) => boolean): readonly Place<SealedPack>[] {
    const names = this.#recipes.get(Buffer.from(digest.slice('sha256:'.length), 'hex').toString('latin1')) ?? [];
    return [...names]
      .map((name) => this.find(Buffer.from(name, 'latin1'), 0, accepts))
      .filter((place) => place !== undefined);
  }

  add(pack: SealedPack): void {
    if (this.#packs.has(pack.id)) return;
    this.#packs.set(pack.id, pack);
    this.#table.add(pack);
    for (const { digest, recipe } of pack.index.blobs) {
      const key = digest.toString('latin1');
      const names = this.#recipes.get(key) ?? new Set<string>();
      this.#recipes.set(key, names.add(recipe.toString('latin1')));
    }
  }

  async drop(pack: SealedPack): Promise<void> {
    this.#packs.delete(pack.id);
    this.#table.drop(pack);
    const open = this.#open.get(pack.id);
    this.#open.delete(pack.id);
    await (await open?.catch(() => undefined))?.close();
  }

  /** Bytes of a pack. Rejects with `file/missing` when another process has collected it: then `refresh` and look again. */
  async read(pack: SealedPack, offset: number, length: number): Promise<Buffer> {
    const file = await this.#opened(pack);
    return file.read(offset, length);
  }

  /** As `read`, into memory that is there; rejects with `store/damaged` when the pack is shorter. */
  async readInto(pack: SealedPack, offset: number, target: Uint8Array): Promise<void> {
    const file = await this.#opened(pack);
    if ((await file.readInto(offset, target)) < target.length) throw damaged('the pack', pack.path, 'is too short');
  }

  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    await Promise.all(open.map(async (file) => (await file.catch(() => undefined))?.close()));
  }

  async #opened(pack: SealedPack): Promise<OpenFile> {
    const known = this.#open.get(pack.id);
    const open = known ?? this.#context.files.open(pack.path, 'read');
    // Last used, last in the order: the first one is closed when there are too many.
    this.#open.delete(pack.id);
    this.#open.set(pack.id, open);
    for (const [id, oldest] of this.#open) {
      if (this.#open.size <= OPEN_FILES) break;
      this.#open.delete(id);
      // What still reads from it has begun; a file is closed when its last read has ended.
      void oldest.then((file) => file.close()).catch(() => undefined);
    }
    try {
      return await open;
    } catch (error) {
      this.#open.delete(pack.id);
      throw error;
    }
  }

  async #load(isOpening: boolean): Promise<void> {
    const names = new Set((await this.#context.files.list(this.directory)).map(({ name }) => name));
    for (const pack of this.all()) if (!names.has(pack.id + PACK)) await this.drop(pack);
    for (const name of names) {
      const id = name.slice(0, -PACK.length);
      if (!name.endsWith(PACK) || this.#packs.has(id)) continue;
      this.#context.signal.throwIfAborted();
      const pack = names.has(id + INDEX) ? await this.#withIndex(id) : isOpening && (await this.#withoutIndex(id));
      if (pack) this.add(pack);
    }
    if (isOpening && !this.#isReadOnly) await removeLeftovers(this.#root, this.#context);
  }

  async #withIndex(id: string): Promise<SealedPack | undefined> {
    const { pack, index } = this.paths(id);
    try {
      const parsed = PackIndex.parse(await this.#context.files.read(index));
      if (parsed) return { id, path: pack, index: parsed };
    } catch (error) {
      if (isMissing(error)) return undefined; // Collected in the meantime.
      throw error;
    }
    this.repairs.push({ file: index, why: 'is damaged; it was made again from its pack' });
    return this.#rebuild(id, false);
  }

  async #withoutIndex(id: string): Promise<SealedPack | undefined> {
    const owner = await writerState(this.#root, id, this.#context);
    // Its writer may have sealed it, and ended, while we looked.
    if (owner === 'unknown' && (await this.#context.files.exists(this.paths(id).index))) return this.#withIndex(id);
    // A collector takes the index first: what it has begun to remove must not come back.
    if (owner === 'alive' || (await readDoom(this.#root, this.#context)).doomed.includes(id)) return undefined;
    // A pack that was being written may end in the middle of a record. One whose owner has left it whole is never cut.
    return this.#rebuild(id, owner === 'gone');
  }

  async #rebuild(id: string, isTorn: boolean): Promise<SealedPack | undefined> {
    const { files } = this.#context;
    const { pack, index, temporary } = this.paths(id);
    try {
      await using file = await files.open(pack, isTorn && !this.#isReadOnly ? 'write' : 'read');
      const found = await indexOf(file);
      if (!this.#isReadOnly) {
        if (isTorn && found.entries === 0) {
          await files.remove(pack);
          return undefined;
        }
        if (isTorn) await file.truncate(found.packSize);
        if (isTorn) await file.sync();
        await files.write(temporary, found.bytes);
        await files.rename(temporary, index);
        await files.syncDirectory(this.directory);
      }
      const parsed = PackIndex.parse(found.bytes);
      return parsed && found.entries > 0 ? { id, path: pack, index: parsed } : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}

/** The error for content that is not as it was written. */
export function damaged(what: string, file: string, why: string): RestageError {
  return new RestageError('store/damaged', `${what} in ${file} ${why}`, { details: { what, file } });
}

/** Whether an error says that a file is not there. */
export function isMissing(error: unknown): boolean {
  return error instanceof RestageError && error.code === 'file/missing';
}

/** The bytes of a record that lies whole in `bytes` (header and stored bytes), or `undefined` if they are not what its name says. */
export function rawBytesOf(bytes: Buffer, header: RecordHeader): Buffer | undefined {
  const slice = Uint32Array.of(RECORD_HEADER, header.stored, header.raw, header.coding);
  const unpacked = unpackSlices(bytes, slice);
  if (!header.name.equals(unpacked.names)) return undefined;
  return Buffer.from(unpacked.bytes.buffer, unpacked.bytes.byteOffset, unpacked.bytes.length);
}

async function indexOf(file: OpenFile) {
  const entries: PackEntry[] = [];
  const blobs: BlobEntry[] = [];
  let packSize = PACK_MAGIC.length;
  for await (const { offset, end, header, bytes, isWhole } of scanPack(file, await file.size())) {
    if (!isWhole) continue;
    const name = Buffer.from(header.name);
    if (header.isRecipe) {
      const recipe = parseRecipe(rawBytesOf(bytes, header)?.toString('utf8') ?? '');
      if (!recipe) continue;
      blobs.push({ digest: Buffer.from(recipe.digest.slice(-2 * NAME_BYTES), 'hex'), recipe: name });
    }
    entries.push({ name, offset, stored: header.stored, raw: header.raw });
    packSize = end;
  }
  return { packSize, entries: entries.length, bytes: formatPackIndex(packSize, entries, blobs) };
}
