import { splitAtVersion, type StreamEntry } from '../model/stream.ts';
import type { DataContext } from './context.ts';
import type { DiffText } from './differs/contract.ts';
import { differs } from './differs/list.ts';
import { readStream, type FoundStream } from './find-stream.ts';

/** How two versions differ; `text` is absent where they are equal. */
export interface StreamDiff {
  readonly from: StreamEntry;
  readonly to: StreamEntry;
  readonly isEqual: boolean;
  readonly text?: DiffText;
}

/**
 * Compares two versions: `STREAM[@VERSION]` with another one, with `@VERSION` of the same stream, or with what the
 * stream is now.
 */
export async function diffStreams(from: string, to: string | undefined, context: DataContext): Promise<StreamDiff> {
  const left = splitAtVersion(from);
  const right = splitAtVersion(to ?? left.stream);
  const a = await readStream(left.stream, left.version, context);
  const b = await readStream(right.stream === '' ? left.stream : right.stream, right.version, context);
  const isEqual = a.entry.digest === b.entry.digest;
  const sides = { from: a.entry, to: b.entry, isEqual };
  const text = isEqual ? undefined : await compare(a, b);
  return { ...sides, ...(text && { text }) };
}

async function compare(a: FoundStream, b: FoundStream): Promise<DiffText | undefined> {
  const size = Math.max(a.entry.size, b.entry.size);
  const able = differs.filter(({ limit = Infinity }) => size <= limit);
  const readsContent = able.some(({ limit }) => limit !== undefined);
  const side = async ({ entry, member }: FoundStream) => ({
    ...{ digest: entry.digest, size: entry.size },
    bytes: readsContent ? await member.bytes() : new Uint8Array(),
  });
  const input = { from: await side(a), to: await side(b), type: b.entry.type };
  return able.find((differ) => differ.fits(input))?.diff(input);
}
