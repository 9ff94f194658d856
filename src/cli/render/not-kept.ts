import type { NotKeptRecord, UnresolvedRecord } from '../../model/snapshot.ts';
import { sizeText } from './quantity.ts';
import { printable } from './table.ts';

/** The line that says what a snapshot names without holding it; none if it holds all. */
export function notKeptText(notKept: readonly NotKeptRecord[]): string[] {
  if (notKept.length === 0) return [];
  const items = notKept.map(({ what, bytes }) => (bytes === undefined ? what : `${what} ${sizeText(bytes)}`));
  return [printable(`NOT kept: ${items.join(', ')}`)];
}

/** A line for each thing that could not be read. */
export function unresolvedText(unresolved: readonly UnresolvedRecord[]): string[] {
  return unresolved.map(({ layer, item, why }) => printable(`not read: ${layer} ${item}: ${why}`));
}
