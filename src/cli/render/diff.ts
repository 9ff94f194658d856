import { LAYER_KINDS } from '../../model/id.ts';
import type { Difference } from '../../model/plan.ts';
import type { DiffReport } from '../../snapshot/diff.ts';
import { columnsText } from './columns.ts';
import { countText } from './quantity.ts';
import { printable } from './table.ts';

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

/** What two states differ in: a line each, a count at the end. */
export function diffText({ from, to, layers, differences, missing, isSame }: DiffReport): string {
  if (isSame) return `No difference between ${from.snapshot} and ${to.snapshot} (${layers.join(', ')})`;
  const counts = LAYER_KINDS.flatMap((kind) => {
    const count = differences.filter(({ layer }) => layer === kind).length;
    return count === 0 ? [] : [`${kind} ${count}`];
  });
  const total = `${countText(differences.length, 'difference')}${counts.length > 0 ? ` (${counts.join(', ')})` : ''}`;
  return [
    ...(differences.length === 0 ? [] : [columnsText(differenceRows(differences))]),
    ...missing.map(({ layer, side, why }) => {
      const name = (side === 'from' ? from : to).snapshot;
      return `! ${layer} cannot be compared: not in ${name} (${why})`;
    }),
    `${total} from ${from.snapshot} to ${to.snapshot}`,
  ].join('\n');
}

/** A row for each difference: sign, layer, type, item, from what to what. */
export function differenceRows(differences: readonly Difference[]): string[][] {
  return differences.map(({ layer, change, type, item, from, to }) => {
    const values = from !== undefined && to !== undefined ? `${from} → ${to}` : (to ?? from ?? '');
    return [SIGNS[change], layer, type, item, values].map(printable);
  });
}
