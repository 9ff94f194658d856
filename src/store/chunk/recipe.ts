import type { Digest } from '../../model/id.ts';
import type { ChunkerId } from '../contract.ts';
import { isChunkerId } from './chunkers.ts';

/** A piece of content: a chunk by the sha256 of its bytes, or a hole (zeros), for which nothing is stored. */
export interface Piece {
  /** 64 hex digits; absent for a hole. */
  readonly name?: string;
  readonly size: number;
}

/** What a blob is made of. */
export interface Recipe {
  readonly chunker: ChunkerId;
  readonly size: number;
  /** Of the whole content. */
  readonly digest: Digest;
  readonly pieces: readonly Piece[];
}

const FORMAT = 'restage-recipe/1';
const HOLE = 'hole';

/** Writes a recipe: a head of four lines, then a line for each piece. Equal recipes give equal bytes. */
export function formatRecipe({ chunker, size, digest, pieces }: Recipe): string {
  const lines = [FORMAT, `chunker ${chunker}`, `size ${size}`, `digest ${digest}`];
  for (const piece of pieces) lines.push(`${piece.name ?? HOLE} ${piece.size}`);
  return `${lines.join('\n')}\n`;
}

/** Reads a recipe; `undefined` for what is none, also when its pieces do not add up to its size. */
export function parseRecipe(text: string): Recipe | undefined {
  const [format, chunkerLine, sizeLine, digestLine, ...rest] = text.split('\n');
  const chunker = /^chunker (\S+)$/.exec(chunkerLine ?? '')?.[1];
  const size = /^size (\d{1,16})$/.exec(sizeLine ?? '')?.[1];
  const digest = /^digest (sha256:[0-9a-f]{64})$/.exec(digestLine ?? '')?.[1];
  if (format !== FORMAT || chunker === undefined || !isChunkerId(chunker)) return undefined;
  if (size === undefined || digest === undefined || rest.pop() !== '') return undefined;
  const pieces: Piece[] = [];
  let sum = 0;
  for (const line of rest) {
    const [, name, bytes] = /^(hole|[0-9a-f]{64}) ([1-9]\d{0,8})$/.exec(line) ?? [];
    if (name === undefined) return undefined;
    sum += Number(bytes);
    pieces.push(name === HOLE ? { size: Number(bytes) } : { name, size: Number(bytes) });
  }
  return sum === Number(size) ? { chunker, size: sum, digest: digest as Digest, pieces } : undefined;
}
