import type { ChunkerId } from '../contract.ts';
import { cutPoint, type CutSizes } from './fastcdc.ts';

/** One way to cut content into chunks; part of the format, since a recipe names it. */
export interface Chunker {
  /** The word that stands in recipes. It never changes. */
  readonly id: ChunkerId;
  /** No chunk is bigger. Whoever cuts shows at least so many bytes, or all that is left. */
  readonly maximum: number;
  /** Whether a chunk that is all zeros becomes a hole, for which nothing is stored. */
  readonly holes: boolean;
  /** Where the chunk that begins at `start` ends; `end` is how far `bytes` may be read. */
  cut(bytes: Uint8Array, start: number, end: number): number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

const CHUNKERS: Readonly<Record<ChunkerId, Chunker>> = {
  'cdc-64k': byContent('cdc-64k', { minimum: 16 * KIB, average: 64 * KIB, maximum: 256 * KIB }),
  'cdc-256k': byContent('cdc-256k', { minimum: 64 * KIB, average: 256 * KIB, maximum: MIB }),
  'cdc-1m': byContent('cdc-1m', { minimum: 256 * KIB, average: MIB, maximum: 4 * MIB }),
  'fixed-1m': {
    id: 'fixed-1m',
    maximum: MIB,
    holes: true,
    cut: (_, start, end) => Math.min(start + MIB, end),
  },
};

/** The chunker of a stream that does not say another. */
export const DEFAULT_CHUNKER: ChunkerId = 'cdc-64k';

/** Whether a word names a chunker. */
export function isChunkerId(word: string): word is ChunkerId {
  return Object.hasOwn(CHUNKERS, word);
}

/** The chunker with an id. */
export function chunkerOf(id: ChunkerId): Chunker {
  return CHUNKERS[id];
}

function byContent(id: ChunkerId, sizes: CutSizes): Chunker {
  return {
    id,
    maximum: sizes.maximum,
    holes: false,
    cut: (bytes, start, end) => cutPoint(bytes, start, end, sizes),
  };
}
