import { isUtf8 } from 'node:buffer';
import { defineDiffer } from './contract.ts';
import { matchLines, type LinePair } from '../match-lines.ts';

/** Equal lines that are shown around what differs. */
const AROUND = 3;

/** Text, line by line, in the form that `patch` reads. */
export const text = defineDiffer({
  id: 'text',
  summary: 'Text, line by line, as `patch` reads it',
  limit: 4 * 1024 * 1024,
  fits: ({ from, to }) => isText(from.bytes) && isText(to.bytes),
  diff: ({ from, to }) => {
    const [before, after] = [linesOf(from.bytes), linesOf(to.bytes)];
    const matched = matchLines(before, after);
    return {
      differ: 'text',
      lines: hunks(before, after, matched),
      added: after.length - matched.length,
      removed: before.length - matched.length,
    };
  },
});

/** One line of the result: from the old side, from the new one, or from both. */
interface Edit {
  readonly sign: ' ' | '-' | '+';
  readonly line: string;
  /** How many lines of each side stand before it. */
  readonly before: number;
  readonly after: number;
}

function isText(bytes: Uint8Array): boolean {
  return isUtf8(bytes) && !bytes.includes(0);
}

function linesOf(bytes: Uint8Array): readonly string[] {
  const lines = new TextDecoder().decode(bytes).split('\n');
  if (lines.at(-1) === '') return lines.slice(0, -1);
  // A last line without its newline is another line than one with it.
  return [...lines.slice(0, -1), `${lines.at(-1) ?? ''}\n\\ No newline at end of file`];
}

function hunks(before: readonly string[], after: readonly string[], matched: readonly LinePair[]): readonly string[] {
  const edits = editsOf(before, after, matched);
  const changed = edits.flatMap(({ sign }, index) => (sign === ' ' ? [] : [index]));
  const lines: string[] = [];
  for (let at = 0; at < changed.length;) {
    let last = at;
    while (last + 1 < changed.length && (changed[last + 1] ?? 0) - (changed[last] ?? 0) <= 2 * AROUND) last += 1;
    const start = Math.max(0, (changed[at] ?? 0) - AROUND);
    const hunk = edits.slice(start, (changed[last] ?? 0) + AROUND + 1);
    lines.push(headline(hunk), ...hunk.map(({ sign, line }) => `${sign}${line}`));
    at = last + 1;
  }
  return lines.flatMap((line) => line.split('\n'));
}

function editsOf(before: readonly string[], after: readonly string[], matched: readonly LinePair[]): readonly Edit[] {
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  for (const [a, b] of [...matched, [before.length, after.length] as const]) {
    for (; i < a; i++) edits.push({ sign: '-', line: before[i] ?? '', before: i, after: j });
    for (; j < b; j++) edits.push({ sign: '+', line: after[j] ?? '', before: i, after: j });
    if (i < before.length && j < after.length) edits.push({ sign: ' ', line: before[i] ?? '', before: i, after: j });
    [i, j] = [a + 1, b + 1];
  }
  return edits;
}

function headline(hunk: readonly Edit[]): string {
  const removed = hunk.filter(({ sign }) => sign !== '+').length;
  const added = hunk.filter(({ sign }) => sign !== '-').length;
  const side = (start: number, count: number) => `${count === 0 ? start : start + 1}${count === 1 ? '' : `,${count}`}`;
  return `@@ -${side(hunk[0]?.before ?? 0, removed)} +${side(hunk[0]?.after ?? 0, added)} @@`;
}
