import { Readable } from 'node:stream';
import { RestageError } from '../../errors.ts';
import type { Digest } from '../../model/id.ts';
import { inlineSliceWork, NAME_BYTES, type SliceWork } from '../../model/slices.ts';
import type { StoreContext } from '../engines/contract.ts';
import type { BlobReader, ByteRange } from '../contract.ts';
import { readRecordHeader, RECORD_HEADER } from './pack-format.ts';
import type { Place } from './chunk-table.ts';
import { damaged, isMissing, type Packs, rawBytesOf, type SealedPack } from './packs.ts';
import { parseRecipe, type Piece, type Recipe } from './recipe.ts';

/** What a read stands on. */
export interface ReadContext {
  readonly store: Pick<StoreContext, 'signal'>;
  readonly packs: Packs;
  /** Work for little content (`small`) or for much. */
  work(size: 'small' | 'big'): SliceWork;
}

/** Neighbouring pieces that are read, decoded and verified at once: so many raw bytes, or one chunk. */
const BATCH_BYTES = 1024 * 1024;

/** For so few bytes it takes longer to start threads than to do the work. */
const SMALL_BYTES = 4 * 1024 * 1024;

/** Batches that are on their way before the consumer asks for them. With the one it holds they are the memory of a read. */
const READ_AHEAD = 6;

/** How often a chunk is looked up again when its pack was collected, and the chunk moved, while we looked. */
const ATTEMPTS = 3;

/** Pieces of one batch; all of them holes, or none. */
interface Batch {
  readonly pieces: readonly Piece[];
  readonly size: number;
}

/**
 * Opens the content of a blob, or a part of it; `undefined` if there is no recipe for it.
 *
 * Every chunk is compared with its name, and the whole content with the digest, as it passes; the stream fails with
 * `store/damaged` before it gives a wrong byte (a wrong whole: before its end).
 */
export async function readBlob(
  digest: Digest,
  range: ByteRange | undefined,
  context: ReadContext,
): Promise<BlobReader | undefined> {
  const recipe = await readRecipe(digest, context.packs);
  if (!recipe) return undefined;
  const start = Math.max(range?.start ?? 0, 0);
  const end = Math.min(range?.end ?? recipe.size, recipe.size);
  const bytes = readPieces(recipe, { start, end }, context);
  return { size: Math.max(end - start, 0), stream: Readable.from(bytes, { objectMode: false, highWaterMark: 1 }) };
}

/** Reads the recipe of a blob, of which there may be several: the first one that is sound. */
export async function readRecipe(digest: Digest, packs: Packs): Promise<Recipe | undefined> {
  let failure = damaged(`the recipe of ${digest}`, packs.directory, 'makes other content');
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    for (const place of packs.recipesOf(digest)) {
      const found = await recipeAt(place, packs).catch(expectedFailure);
      if (found instanceof RestageError) failure = found;
      else if (found.digest === digest) return found;
    }
    await packs.refresh();
    if (packs.recipesOf(digest).length === 0) return undefined;
  }
  throw failure;
}

/** Reads the recipe at a place. */
export async function recipeAt(place: Place<SealedPack>, packs: Packs): Promise<Recipe> {
  const bytes = await packs.read(place.pack, place.offset, RECORD_HEADER + place.stored);
  const header = readRecordHeader(bytes, 0);
  const isExpected = header?.stored === place.stored && header.name.equals(place.name) && header.isRecipe;
  const text = isExpected ? rawBytesOf(bytes, header)?.toString('utf8') : undefined;
  const recipe = text === undefined ? undefined : parseRecipe(text);
  if (!recipe) throw damaged(`the recipe sha256:${place.name.toString('hex')}`, place.pack.path, 'is not what it was');
  return recipe;
}

async function* readPieces(recipe: Recipe, range: ByteRange, context: ReadContext): AsyncGenerator<Buffer> {
  const { start, end } = range;
  const isWhole = start === 0 && end === recipe.size;
  const work = context.work(end - start <= SMALL_BYTES ? 'small' : 'big');
  // In this thread, which has nothing else to do: the others decode.
  const digester = isWhole ? inlineSliceWork().digester() : undefined;
  const memory = new ReadMemory();
  const coming: Promise<Buffer>[] = [];
  const { batches, skipped } = batchesOf(recipe.pieces, range);
  let position = skipped;
  try {
    for (const [index, batch] of batches.entries()) {
      while (coming.length <= READ_AHEAD && index + coming.length < batches.length) {
        const next = readBatch(batches[index + coming.length] ?? batch, { ...context, work, memory });
        next.catch(() => undefined); // Met when its turn comes.
        coming.push(next);
      }
      context.store.signal.throwIfAborted();
      const bytes = await coming.shift();
      if (!bytes) return;
      await digester?.update(bytes);
      const from = Math.max(start - position, 0);
      yield bytes.subarray(from, Math.min(end - position, bytes.length));
      position += bytes.length;
    }
    if (digester && Buffer.from(await digester.digest()).toString('hex') !== recipe.digest.slice('sha256:'.length)) {
      throw damaged(recipe.digest, context.packs.directory, 'is put together wrongly');
    }
  } finally {
    await Promise.allSettled(coming);
  }
}

function batchesOf(pieces: readonly Piece[], { start, end }: ByteRange) {
  const batches: Batch[] = [];
  let [position, skipped, size] = [0, 0, 0];
  let batch: Piece[] = [];
  const close = () => {
    if (batch.length > 0) batches.push({ pieces: batch, size });
    [batch, size] = [[], 0];
  };
  for (const piece of pieces) {
    const from = position;
    position += piece.size;
    if (position <= start) skipped = position;
    if (position <= start || from >= end) continue;
    const isOther = (batch[0]?.name === undefined) !== (piece.name === undefined);
    if (isOther || size + piece.size > BATCH_BYTES) close();
    batch.push(piece);
    size += piece.size;
  }
  close();
  return { batches, skipped };
}

/** What batches of one read are read with. */
interface BatchContext {
  readonly packs: Packs;
  readonly work: SliceWork;
  readonly memory: ReadMemory;
}

/** Memory for stored bytes, used again and again: it is shared with the threads, and not given to the consumer. */
class ReadMemory {
  readonly #free: SharedArrayBuffer[] = [];

  async lend<Value>(size: number, use: (bytes: Buffer) => Promise<Value>): Promise<Value> {
    const last = this.#free.pop();
    const memory = last && last.byteLength >= size ? last : new SharedArrayBuffer(size);
    try {
      return await use(Buffer.from(memory, 0, size));
    } finally {
      this.#free.push(memory);
    }
  }
}

async function readBatch({ pieces, size }: Batch, context: BatchContext): Promise<Buffer> {
  if (pieces[0]?.name === undefined) return Buffer.alloc(size);
  const places = await placesOf(pieces, context.packs);
  for (let attempt = 1; ; attempt++) {
    try {
      return await readPlaces(places, size, context);
    } catch (error) {
      if (!isMissing(error) || attempt === ATTEMPTS) throw error;
      await context.packs.refresh();
      places.splice(0, places.length, ...(await placesOf(pieces, context.packs)));
    }
  }
}

async function placesOf(pieces: readonly Piece[], packs: Packs): Promise<Place<SealedPack>[]> {
  const names = pieces.map(({ name = '' }) => Buffer.from(name, 'hex'));
  let places = names.map((name) => packs.find(name));
  if (places.includes(undefined)) {
    await packs.refresh();
    places = names.map((name) => packs.find(name));
  }
  return places.map((place, index) => {
    if (place) return place;
    throw damaged(`the chunk sha256:${pieces[index]?.name ?? ''}`, packs.directory, 'is not there');
  });
}

async function readPlaces(places: readonly Place<SealedPack>[], size: number, context: BatchContext): Promise<Buffer> {
  const stored = places.reduce((sum, place) => sum + RECORD_HEADER + place.stored, 0);
  return context.memory.lend(stored, (bytes) => unpackPlaces(places, size, bytes, context));
}

async function unpackPlaces(
  places: readonly Place<SealedPack>[],
  size: number,
  bytes: Buffer,
  { packs, work }: BatchContext,
): Promise<Buffer> {
  const slices = new Uint32Array(places.length * 4);
  // All must have ended before the memory is used again, also after a failure.
  const runs = await Promise.allSettled(runsOf(places).map((run) => readRun(run, bytes, packs)));
  for (const run of runs) if (run.status === 'rejected') throw run.reason;
  let at = 0;
  for (const [index, place] of places.entries()) {
    const header = readRecordHeader(bytes, at);
    if (header?.stored !== place.stored || header.raw !== place.raw || !header.name.equals(place.name)) {
      throw damagedChunk(place);
    }
    slices.set([at + RECORD_HEADER, header.stored, header.raw, header.coding], index * 4);
    at += RECORD_HEADER + place.stored;
  }
  const unpacked = await work.unpack(bytes, slices);
  const names = Buffer.from(unpacked.names.buffer, unpacked.names.byteOffset, unpacked.names.length);
  for (const [index, place] of places.entries()) {
    if (place.name.compare(names, index * NAME_BYTES, (index + 1) * NAME_BYTES) !== 0) throw damagedChunk(place);
  }
  if (unpacked.bytes.length !== size) throw damaged('a recipe', packs.directory, 'says other sizes than its chunks');
  return Buffer.from(unpacked.bytes.buffer, unpacked.bytes.byteOffset, size);
}

/** Records that lie one behind the other in a pack, and where they go among the bytes of the batch. */
interface Run {
  readonly pack: SealedPack;
  readonly offset: number;
  readonly target: number;
  length: number;
}

function runsOf(places: readonly Place<SealedPack>[]): readonly Run[] {
  const runs: Run[] = [];
  let target = 0;
  for (const { pack, offset, stored } of places) {
    const last = runs.at(-1);
    const length = RECORD_HEADER + stored;
    if (last?.pack === pack && last.offset + last.length === offset) last.length += length;
    else runs.push({ pack, offset, target, length });
    target += length;
  }
  return runs;
}

async function readRun({ pack, offset, target, length }: Run, bytes: Buffer, packs: Packs): Promise<void> {
  await packs.readInto(pack, offset, bytes.subarray(target, target + length));
}

function expectedFailure(error: unknown): RestageError {
  if (error instanceof RestageError) return error;
  throw error;
}

function damagedChunk(place: Place<SealedPack>): RestageError {
  return damaged(`the chunk sha256:${place.name.toString('hex')}`, place.pack.path, 'is not what it was');
}
