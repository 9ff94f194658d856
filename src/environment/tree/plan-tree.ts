import type { TreeArchive } from '../../model/environment.ts';
import type { Digest } from '../../model/id.ts';
import type { Remark } from '../../model/plan.ts';

/** The parts of a tree (packages, and the rest as `''`) by their digests. */
export type TreeParts = ReadonlyMap<string, Digest>;

/** A tree as a plan sees it. */
export interface PlannedTree {
  readonly parts: TreeParts;
  readonly kept: TreeArchive | null;
}

/** The parts in which two trees differ, sorted. */
export function differentParts(have: TreeParts, want: TreeParts): string[] {
  const all = new Set([...have.keys(), ...want.keys()]);
  return [...all].filter((part) => have.get(part) !== want.get(part)).sort();
}

/** Why a tree cannot be put back; `undefined` if it can. */
export function missingArchive(
  item: string,
  { kept }: Pick<PlannedTree, 'kept'>,
  available: ReadonlySet<Digest>,
): Remark | undefined {
  if (kept && available.has(kept.digest)) return undefined;
  return {
    item,
    why: kept ? 'its files are not in this store' : 'its files were not kept',
    hint: 'Run `restage export` where it was saved and `restage import` here',
  };
}

/** Some names, the first few of them written out. */
export function someNames(names: readonly string[], limit = 3): string {
  const shown = names.slice(0, limit).join(', ');
  return names.length > limit ? `${shown} and ${names.length - limit} more` : shown;
}
