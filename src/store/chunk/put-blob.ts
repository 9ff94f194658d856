import type { Digest } from '../../model/id.ts';
import { NAME_BYTES, type SliceWork } from '../../model/slices.ts';
import { digestOf } from '../../model/digest.ts';
import type { StoreContext } from '../engines/contract.ts';
import type { BlobSource, ChunkerId, PutBlob } from '../contract.ts';
import { type Block, cutBlocks } from './blocks.ts';
import { type Chunker, chunkerOf, DEFAULT_CHUNKER } from './chunkers.ts';
import type { Ingest } from './ingest.ts';
import type { OpenPack } from './open-pack.ts';
import { RECORD_HEADER } from './pack-format.ts';
import type { Packs, SealedPack } from './packs.ts';
import { formatRecipe, type Piece } from './recipe.ts';
import { chunkRecords, keyAt, RECORD_CODING, recipeRecord, type RecordIdentity } from './records.ts';
import type { Upload, Uploads } from './uploads.ts';

/** What an upload stands on. */
export interface PutContext {
  readonly store: StoreContext;
  readonly packs: Packs;
  readonly uploads: Uploads;
  readonly ingest: Ingest;
  /** Work for content of one block (`small`) or of many. */
  work(size: 'small' | 'big'): SliceWork;
}

const ZEROS = Buffer.alloc(1024 * 1024);

/**
 * Takes content in: cuts it, stores the chunks that are not there, then the recipe, and answers when both are durable.
 *
 * Reading and cutting, hashing, and coding go on at the same time, each on another block; the memory is that of a few
 * blocks, and the list of the chunks.
 */
export async function putBlob(
  source: BlobSource,
  options: { readonly chunker?: ChunkerId },
  context: PutContext,
): Promise<PutBlob> {
  await using upload = await context.uploads.begin();
  const put = new BlobUpload(chunkerOf(options.chunker ?? DEFAULT_CHUNKER), upload, context);
  return await put.run(source);
}

class BlobUpload {
  readonly #chunker: Chunker;
  readonly #upload: Upload;
  readonly #context: PutContext;
  readonly #pieces: Piece[] = [];
  /** Where chunks went that are not visible yet: this upload's own, and those that others are writing. */
  readonly #needed = new Set<Promise<OpenPack>>();
  #newBytes = 0;
  #size = 0;
  /** Blocks are claimed and stored in their order. */
  #turn: Promise<unknown> = Promise.resolve();
  #failure: { readonly cause: unknown } | undefined;

  constructor(chunker: Chunker, upload: Upload, context: PutContext) {
    this.#chunker = chunker;
    this.#upload = upload;
    this.#context = context;
  }

  async run(source: BlobSource): Promise<PutBlob> {
    const { store } = this.#context;
    const blocks = cutBlocks(source, this.#chunker, store.files);
    const running = new Set<Promise<void>>();
    let work: SliceWork | undefined;
    let digester: ReturnType<SliceWork['digester']> | undefined;
    try {
      for await (const block of blocks) {
        store.signal.throwIfAborted();
        if (this.#failure) break;
        work ??= this.#context.work(block.isLast ? 'small' : 'big');
        digester ??= work.digester();
        this.#size += block.fresh.length;
        const taken = this.#take(block, work, digester.update(block.fresh)).finally(() => running.delete(taken));
        running.add(taken);
      }
    } finally {
      await Promise.all(running);
    }
    if (this.#failure) throw this.#failure.cause;
    work ??= this.#context.work('small');
    const digest = Buffer.from(await (digester ?? work.digester()).digest());
    return this.#finish(digest);
  }

  /** Never rejects: the failure is kept, so that the first one ends the upload. */
  async #take(block: Block, work: SliceWork, hashed: Promise<void>): Promise<void> {
    try {
      const names = work.names(block.bytes, block.ends);
      const before = this.#turn;
      const stored = Promise.all([names, before]).then(([found]) => this.#store(block, Buffer.from(found), work));
      this.#turn = stored;
      // Written before it is released: otherwise coded bytes would pile up in front of a slow disk.
      const results = await Promise.allSettled([hashed, stored]);
      for (const result of results) if (result.status === 'rejected') throw result.reason;
      const { encoded, appended } = await stored;
      const newBytes = (await encoded)?.bytes.length ?? 0;
      await appended;
      this.#newBytes += newBytes;
    } catch (cause) {
      this.#failure ??= { cause };
    }
    block.release();
  }

  async #store(block: Block, names: Buffer, work: SliceWork) {
    const { ingest } = this.#context;
    const relies = await this.#upload.claim(names);
    const ranges: number[] = [];
    const identities: RecordIdentity[] = [];
    const keys = new Set<string>();
    let start = 0;
    for (const [index, end] of block.ends.entries()) {
      const raw = end - start;
      const name = names.subarray(index * NAME_BYTES, (index + 1) * NAME_BYTES);
      if (this.#chunker.holes && isHole(block.bytes, start, end)) {
        this.#pieces.push({ size: raw });
      } else {
        this.#pieces.push({ name: name.toString('hex'), size: raw });
        const key = keyAt(names, index);
        if (this.#isNew(key, name, keys, relies)) {
          keys.add(key);
          ranges.push(start, end);
          identities.push({ name, raw });
        }
      }
      start = end;
    }
    if (identities.length === 0) return { encoded: undefined, appended: undefined };
    const room = identities.reduce((sum, { raw }) => sum + RECORD_HEADER + raw, 0);
    const target = block.scratch(room);
    const encoded = work
      .pack(block.bytes, Uint32Array.from(ranges), target, RECORD_CODING)
      .then((table) => chunkRecords(target, table, identities));
    const appended = ingest.append([...keys], encoded);
    this.#needed.add(appended);
    return { encoded, appended };
  }

  #isNew(key: string, name: Buffer, keys: ReadonlySet<string>, relies: (pack: SealedPack) => boolean): boolean {
    if (keys.has(key)) return false;
    const pending = this.#context.ingest.pending(key);
    if (pending) this.#needed.add(pending);
    return !pending && !this.#context.packs.find(name, 0, relies);
  }

  async #finish(bytes: Buffer): Promise<PutBlob> {
    const { store, packs, ingest } = this.#context;
    const digest = `sha256:${bytes.toString('hex')}` as Digest;
    const needed = new Set(await Promise.all(this.#needed));
    const text = Buffer.from(
      formatRecipe({ chunker: this.#chunker.id, size: this.#size, digest, pieces: this.#pieces }),
    );
    const name = Buffer.from(digestOf(text).slice('sha256:'.length), 'hex');
    const relies = await this.#upload.claim(name);
    const key = keyAt(name, 0);
    const [pending, known] = [ingest.pending(key), packs.find(name, 0, relies)];
    if (pending || known) {
      await Promise.all([...needed, ...(pending ? [await pending] : [])].map((pack) => ingest.seal(pack)));
      // Nobody may need it yet: its time of grace begins again.
      if (known) await store.files.setModified(known.pack.path, store.clock.now());
      return { digest, size: this.#size, newBytes: this.#newBytes };
    }
    const record = recipeRecord(text, name, bytes);
    await ingest.seal(await ingest.appendAfter(needed, key, record));
    return { digest, size: this.#size, newBytes: this.#newBytes + record.bytes.length };
  }
}

function isHole(bytes: Uint8Array, start: number, end: number): boolean {
  return ZEROS.compare(bytes, start, end, 0, end - start) === 0;
}
