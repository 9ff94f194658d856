import type { Description } from '../snapshot/layer.ts';
import type { DataBody } from './body.ts';
import { compareText } from '../model/order.ts';

/** Digits of a digest that tell contents apart for a person. */
const SHORT = 10;

/** What `view` shows of the data of a snapshot. */
export function describeData({ streams, directories }: DataBody): Description {
  const rows = [
    ...sorted(streams).map(([name, { digest, size, how }]) => [name, shortDigest(digest), String(size), how]),
    ...sorted(directories).map(([name, state]) => [
      `${name}/`,
      shortDigest(state.digest),
      state.how === 'observed' ? String(state.size) : '',
      state.how,
    ]),
  ];
  const counts = [count(Object.keys(streams).length, 'stream', 'streams')];
  const folders = Object.keys(directories).length;
  if (folders > 0) counts.push(count(folders, 'directory', 'directories'));
  return { headline: counts.join(', '), columns: ['name', 'content', 'bytes', 'how'], rows };
}

/** The first digits of a digest, for people; `unknown` where there is none. */
export function shortDigest(digest: string | null): string {
  return digest?.slice('sha256:'.length, 'sha256:'.length + SHORT) ?? 'unknown';
}

/** The members of a record in the order of their names. */
export function sorted<Value>(record: Readonly<Record<string, Value>>): readonly (readonly [string, Value])[] {
  return Object.entries(record).sort(([a], [b]) => compareText(a, b));
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
