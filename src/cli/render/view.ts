import { parseTime } from '../../model/time.ts';
import type { SnapshotView } from '../../snapshot/view.ts';
import { notKeptText, unresolvedText } from './not-kept.ts';
import { ageText, sizeText } from './quantity.ts';
import { printable, tableText } from './table.ts';

/** A snapshot for people: how it was saved, each layer with its headline and table, what is not kept. */
export function viewText(view: SnapshotView, now: number): string {
  return [
    ...headText(view, now),
    ...view.layers.map(({ layer, headline, columns, rows }) => {
      const table = rows.length === 0 ? [] : [tableText(columns, rows).replace(/^/gm, '  ')];
      return ['', `${layer}: ${headline}`, ...table].join('\n');
    }),
    ...(view.notKept.length + view.unresolved.length > 0 ? [''] : []),
    ...unresolvedText(view.unresolved),
    ...notKeptText(view.notKept),
  ].join('\n');
}

function headText({ name, saved, version, digest, file, keptBytes }: SnapshotView, now: number): string[] {
  if (!saved) return [`${name}  ${digest.slice(0, 17)}`];
  const as = saved.name === name ? '' : ` (saved as ${saved.name})`;
  const at = parseTime(saved.at);
  const age = at === undefined ? saved.at : `${ageText(at, now)}, ${saved.at}`;
  return [
    `${name}${as}  ${version?.slice(0, 10) ?? 'no version here'}  ${digest.slice(0, 17)}`,
    `saved ${age} by ${saved.by} on ${saved.host}; keeps ${sizeText(keptBytes)}`,
    ...(saved.message === undefined ? [] : [printable(saved.message)]),
    ...(file === undefined ? ['in the store, without a file here'] : [file]),
  ];
}
