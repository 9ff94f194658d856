import type { Digest } from '../../model/id.ts';
import { inlineSliceWork, type SliceWork } from '../../model/slices.ts';
import type { StoreContext } from '../engines/contract.ts';
import type { BlobSource, ByteRange, ChunkerId, PutBlob } from '../contract.ts';
import type { ChunkPlane } from './contract.ts';
import { collectGarbage, type GcContext, type GcOptions } from './gc.ts';
import { Ingest } from './ingest.ts';
import { hasManySmallPacks, mergeSmallPacks } from './merge-packs.ts';
import { Packs } from './packs.ts';
import { putBlob } from './put-blob.ts';
import { readBlob, readRecipe } from './read-blob.ts';
import { Uploads } from './uploads.ts';
import { verifyChunks } from './verify.ts';

/**
 * Opens the chunk plane that lies in `directory`, such as `.restage/chunks`.
 *
 * `create` makes the directory; `write` repairs what a crash has left; `read` changes nothing on disk and refuses to
 * write. A directory that is not there is a plane without content, except that nothing is made of it for `read`.
 */
export async function openChunkPlane(
  directory: string,
  mode: 'create' | 'write' | 'read',
  context: StoreContext,
): Promise<ChunkPlane> {
  if (mode !== 'read') {
    await context.files.makeDirectory(`${directory}/pack`);
    await context.files.makeDirectory(`${directory}/lock`);
  }
  const packs = new Packs(directory, mode === 'read', context);
  await packs.open();
  return new DirectoryChunks(directory, packs, mode === 'read', context);
}

class DirectoryChunks implements ChunkPlane {
  readonly #root: string;
  readonly #isReadOnly: boolean;
  readonly #context: StoreContext;
  readonly #packs: Packs;
  readonly #uploads: Uploads;
  readonly #ingest: Ingest;
  readonly #inline = inlineSliceWork();
  #threads: SliceWork | undefined;
  readonly #puts = new Set<Promise<PutBlob>>();
  #merging: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(directory: string, packs: Packs, isReadOnly: boolean, context: StoreContext) {
    this.#root = directory;
    this.#isReadOnly = isReadOnly;
    this.#context = context;
    this.#packs = packs;
    this.#uploads = new Uploads(directory, packs, context);
    this.#ingest = new Ingest(packs, () => this.#uploads.newPackId(), context);
  }

  async putBlob(source: BlobSource, options: { readonly chunker?: ChunkerId } = {}) {
    this.#checkWritable();
    const put = putBlob(source, options, {
      store: this.#context,
      packs: this.#packs,
      uploads: this.#uploads,
      ingest: this.#ingest,
      work: (size) => this.#work(size),
    });
    this.#puts.add(put);
    try {
      return await put;
    } finally {
      this.#puts.delete(put);
      this.#mergeIfMany();
    }
  }

  async hasBlob(digest: Digest): Promise<boolean> {
    const recipe = await readRecipe(digest, this.#packs);
    return (
      recipe?.pieces.every(({ name }) => name === undefined || this.#packs.find(Buffer.from(name, 'hex'))) ?? false
    );
  }

  async sizeOf(digest: Digest): Promise<number | undefined> {
    return (await readRecipe(digest, this.#packs))?.size;
  }

  async readBlob(digest: Digest, range?: ByteRange) {
    return readBlob(digest, range, {
      store: this.#context,
      packs: this.#packs,
      work: (size) => this.#work(size),
    });
  }

  async gc(options: GcOptions) {
    if (options.apply) this.#checkWritable();
    return collectGarbage(options, this.#gcContext());
  }

  async verify({ quick = false }: { readonly quick?: boolean } = {}) {
    const work = this.#work(quick ? 'small' : 'big');
    return verifyChunks(quick, { store: this.#context, packs: this.#packs, work });
  }

  async stat() {
    await this.#packs.refresh();
    const packs = this.#packs.all();
    return {
      chunks: packs.reduce((sum, { index }) => sum + index.count - index.blobs.length, 0),
      chunkBytes: packs.reduce((sum, { index }) => sum + index.packSize, 0),
      packs: packs.length,
    };
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#puts);
    await this.#merging;
    await this.#ingest.close();
    await this.#uploads.close();
    await this.#packs.close();
    await this.#threads?.close();
  }

  #checkWritable(): void {
    if (this.#isReadOnly) throw new Error(`${this.#root} was opened for reading`);
    if (this.#closing) throw new Error(`${this.#root} was closed`);
  }

  #gcContext(): GcContext {
    return {
      root: this.#root,
      store: this.#context,
      packs: this.#packs,
      newPackId: () => this.#uploads.newPackId(),
      locks: () => this.#uploads.locks(),
    };
  }

  /** In the background: what fails here is tried again after a later upload. */
  #mergeIfMany(): void {
    const context = this.#gcContext();
    if (this.#merging || !hasManySmallPacks(context)) return;
    this.#merging = mergeSmallPacks(context)
      .catch(() => undefined)
      .finally(() => {
        this.#merging = undefined;
      });
  }

  #work(size: 'small' | 'big'): SliceWork {
    return size === 'big' ? (this.#threads ??= this.#context.sliceWork?.() ?? this.#inline) : this.#inline;
  }
}
