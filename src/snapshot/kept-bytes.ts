import type { Snapshot } from '../model/snapshot.ts';

/** Bytes of the content that the store keeps for a snapshot, each digest once. */
export function keptBytesOf({ record }: Snapshot): number {
  const sizes = new Map(record.kept.map(({ digest, size }) => [digest, size]));
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}
