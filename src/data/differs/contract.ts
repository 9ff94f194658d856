import type { Digest } from '../../model/id.ts';

/** One side of a comparison. */
export interface DiffSide {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** The whole content; empty for a differ without `limit`. */
  readonly bytes: Uint8Array;
}

/** Two contents of streams, which are not equal. */
export interface DiffInput {
  readonly from: DiffSide;
  readonly to: DiffSide;
  /** What the stream's declaration says, such as `text/plain`. */
  readonly type?: string | undefined;
}

/** What a differ says: lines for people, in a form of its own. */
export interface DiffText {
  readonly differ: string;
  readonly lines: readonly string[];
  /** Parts that came and went: lines, members. */
  readonly added: number;
  readonly removed: number;
}

/** One way to say how two contents differ. Pure. `diff` is called only where `fits` has answered true. */
export interface Differ {
  /** The word that stands in documents. It never changes. */
  readonly id: string;
  readonly summary: string;
  /** Bytes that each side may have at most. Absent: it reads no content, and fits any. */
  readonly limit?: number;
  fits(input: DiffInput): boolean;
  diff(input: DiffInput): DiffText;
}

/** Returns its argument, checked. */
export function defineDiffer(differ: Differ): Differ {
  return differ;
}
