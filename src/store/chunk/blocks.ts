import type { Files } from '../../platform/files.ts';
import type { BlobSource } from '../contract.ts';
import type { Chunker } from './chunkers.ts';

/** A part of content that begins and ends at chunk borders. */
export interface Block {
  /** Until released, nobody changes it. */
  readonly bytes: Uint8Array;
  /** Where each chunk ends in `bytes`. */
  readonly ends: Uint32Array;
  /** Bytes of the content that were in no earlier block; the last of them may begin the next one. */
  readonly fresh: Uint8Array;
  /** Whether it is the last one. */
  readonly isLast: boolean;
  /** Memory for the coded bytes, that lives as long as the block. */
  scratch(size: number): Uint8Array;
  /** Lets the memory be used again. */
  release(): void;
}

/** Content is read and cut in blocks of so many bytes. */
export const BLOCK_BYTES = 4 * 1024 * 1024;

/** Blocks of one content that exist at a time, each with its coded bytes: this is the memory of an upload. */
const BLOCKS = 5;

/** Small content needs no memory that threads share. */
const SHARED_FROM = 1024 * 1024;

/**
 * Cuts content into blocks. At most `BLOCKS` of them are out; who wants more must release earlier ones.
 *
 * While one block is cut, the next one is being read. The last one may be empty: content without bytes has no chunk.
 */
export async function* cutBlocks(
  source: BlobSource,
  chunker: Chunker,
  files: Pick<Files, 'open'>,
): AsyncGenerator<Block, void, undefined> {
  await using reader = await openSource(source, files);
  // One byte more than there should be: a block that is not full says that the content has ended.
  const memory = new BlockMemory(chunker.maximum, Math.min(BLOCK_BYTES, (reader.size ?? Infinity) + 1));
  let rest = new Uint8Array(0);
  let reading = readNext(memory, reader);
  for (let isLast = false; !isLast;) {
    const { slot, filled } = await reading;
    isLast = filled < slot.fresh.length;
    if (!isLast) reading = readNext(memory, reader);
    const { bytes, fresh } = slot.join(rest, filled);
    const ends: number[] = [];
    let at = 0;
    while (at < bytes.length && (isLast || bytes.length - at >= chunker.maximum)) {
      at = chunker.cut(bytes, at, bytes.length);
      ends.push(at);
    }
    rest = bytes.slice(at);
    yield {
      ...{ bytes, ends: Uint32Array.from(ends), fresh, isLast },
      scratch: (size) => slot.scratch(size),
      release: () => {
        memory.give(slot);
      },
    };
  }
}

/** Where bytes come from, one part after the other. */
interface SourceReader extends AsyncDisposable {
  /** Bytes of the whole, if that is known. What comes may be more or less: a file can change. */
  readonly size?: number;
  /** Reads until `target` is full or the content ends, and answers how many bytes it got. */
  fill(target: Uint8Array): Promise<number>;
}

function readNext(
  memory: BlockMemory,
  reader: SourceReader,
): Promise<{ readonly slot: Slot; readonly filled: number }> {
  const reading = memory.take().then(async (slot) => ({ slot, filled: await reader.fill(slot.fresh) }));
  // Met when its turn comes. It never comes when the upload ends early, with the source already closed.
  reading.catch(() => undefined);
  return reading;
}

/** Memory of one block: what is read goes behind room for the rest of the block before. */
class Slot {
  readonly fresh: Uint8Array;
  readonly #bytes: Uint8Array;
  readonly #headroom: number;
  readonly #isShared: boolean;
  #scratch: Uint8Array = new Uint8Array(0);

  constructor(headroom: number, size: number) {
    this.#headroom = headroom;
    this.#isShared = headroom + size >= SHARED_FROM;
    this.#bytes = this.#memory(headroom + size);
    this.fresh = this.#bytes.subarray(headroom);
  }

  join(rest: Uint8Array, filled: number) {
    const from = this.#headroom - rest.length;
    this.#bytes.set(rest, from);
    return { bytes: this.#bytes.subarray(from, this.#headroom + filled), fresh: this.fresh.subarray(0, filled) };
  }

  scratch(size: number): Uint8Array {
    if (this.#scratch.length < size) this.#scratch = this.#memory(size);
    return this.#scratch;
  }

  #memory(size: number): Uint8Array {
    return new Uint8Array(this.#isShared ? new SharedArrayBuffer(size) : new ArrayBuffer(size));
  }
}

class BlockMemory {
  readonly #headroom: number;
  readonly #size: number;
  readonly #free: Slot[] = [];
  readonly #waiting: ((slot: Slot) => void)[] = [];
  #made = 0;

  constructor(headroom: number, size: number) {
    this.#headroom = headroom;
    this.#size = size;
  }

  async take(): Promise<Slot> {
    const free = this.#free.pop();
    if (free) return free;
    if (this.#made++ < BLOCKS) return new Slot(this.#headroom, this.#size);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  give(slot: Slot): void {
    const next = this.#waiting.shift();
    if (next) next(slot);
    else this.#free.push(slot);
  }
}

async function openSource(source: BlobSource, files: Pick<Files, 'open'>): Promise<SourceReader> {
  if (source instanceof Uint8Array) return partsReader([source][Symbol.iterator](), source.length);
  if (Symbol.asyncIterator in source) return partsReader(source[Symbol.asyncIterator]());
  const file = await files.open(source.file, 'read');
  let position = 0;
  return {
    size: await file.size(),
    fill: async (target) => {
      const filled = await file.readInto(position, target);
      position += filled;
      return filled;
    },
    [Symbol.asyncDispose]: () => file.close(),
  };
}

function partsReader(parts: Iterator<Uint8Array> | AsyncIterator<Uint8Array>, size?: number): SourceReader {
  let part: Uint8Array = new Uint8Array(0);
  return {
    ...(size !== undefined && { size }),
    fill: async (target) => {
      let filled = 0;
      while (filled < target.length) {
        if (part.length === 0) {
          const next = await parts.next();
          if (next.done === true) break;
          part = next.value;
          continue;
        }
        const used = Math.min(part.length, target.length - filled);
        target.set(part.subarray(0, used), filled);
        part = part.subarray(used);
        filled += used;
      }
      return filled;
    },
    [Symbol.asyncDispose]: async () => {
      await parts.return?.();
    },
  };
}
