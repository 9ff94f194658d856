import type { OpenFile } from '../../platform/files.ts';
import type { StoreContext } from '../engines/contract.ts';
import { PACK_MAGIC } from './pack-format.ts';
import { type BlobEntry, formatPackIndex, type PackEntry, PackIndex } from './pack-index.ts';
import type { Packs, SealedPack } from './packs.ts';

/** Records that are ready to be written: their bytes, and where each begins among them. */
export interface EncodedRecords {
  readonly bytes: Uint8Array;
  readonly entries: readonly PackEntry[];
  readonly blobs: readonly BlobEntry[];
}

/** A pack that one process writes. Nobody reads it before it is sealed; one that failed is removed whole. */
export class OpenPack {
  readonly id: string;
  /** Settles when the pack is durable and visible, or has failed. */
  readonly sealed: Promise<SealedPack>;
  /** Keys of the chunks in it, as `Ingest` knows them. */
  readonly keys: string[] = [];
  readonly #packs: Packs;
  readonly #context: StoreContext;
  readonly #file: OpenFile;
  readonly #entries: PackEntry[] = [];
  readonly #blobs: BlobEntry[] = [];
  readonly #settle = Promise.withResolvers<SealedPack>();
  #size = PACK_MAGIC.length;

  private constructor(id: string, file: OpenFile, packs: Packs, context: StoreContext) {
    this.id = id;
    this.#file = file;
    this.#packs = packs;
    this.#context = context;
    this.sealed = this.#settle.promise;
    this.sealed.catch(() => undefined);
  }

  static async create(id: string, packs: Packs, context: StoreContext): Promise<OpenPack> {
    const file = await context.files.open(packs.paths(id).pack, 'create');
    const pack = new OpenPack(id, file, packs, context);
    try {
      await file.write(0, PACK_MAGIC);
      return pack;
    } catch (error) {
      await pack.fail(error);
      throw error;
    }
  }

  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Writes records behind those that are there. If it rejects, the pack must be failed. */
  async append({ bytes, entries, blobs }: EncodedRecords): Promise<void> {
    await this.#file.write(this.#size, bytes);
    for (const entry of entries) this.#entries.push({ ...entry, offset: entry.offset + this.#size });
    this.#blobs.push(...blobs);
    this.#size += bytes.length;
  }

  /** Makes the pack durable, then visible. Fails the pack if that cannot be done. */
  async seal(): Promise<void> {
    const { files } = this.#context;
    const { pack: path, index, temporary } = this.#packs.paths(this.id);
    try {
      const bytes = formatPackIndex(this.#size, this.#entries, this.#blobs);
      // Both must be durable before the index has its name: an index promises that its pack is whole.
      await Promise.all([this.#file.sync(), writeDurably(files, temporary, bytes)]);
      await files.rename(temporary, index);
      await files.syncDirectory(this.#packs.directory);
      await this.#file.close();
      const parsed = PackIndex.parse(bytes);
      if (!parsed) throw new Error('an index that was just written cannot be read');
      const sealed = { id: this.id, path, index: parsed };
      this.#packs.add(sealed);
      this.#settle.resolve(sealed);
    } catch (error) {
      await this.fail(error);
    }
  }

  /** Gives the pack up: all that was in it is gone. */
  async fail(cause: unknown): Promise<void> {
    const { files } = this.#context;
    const { pack, index, temporary } = this.#packs.paths(this.id);
    for (const path of [index, temporary, pack]) await files.remove(path).catch(() => undefined);
    await this.#file.close().catch(() => undefined);
    this.#settle.reject(cause);
  }
}

async function writeDurably(files: StoreContext['files'], path: string, bytes: Uint8Array): Promise<void> {
  await using file = await files.open(path, 'create');
  await file.write(0, bytes);
  await file.sync();
}
