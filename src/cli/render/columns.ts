import { stripVTControlCharacters } from 'node:util';

/** Letters that take two columns on a terminal. */
const WIDE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Emoji_Presentation}]/u;

/** Rows in columns without borders: each as wide as its widest cell, two blanks between, nothing at the end of a line. */
export function columnsText(rows: readonly (readonly string[])[], indent = ''): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, widthOf(cell));
  }
  return rows
    .map((row) => {
      const cells = row.map((cell, index) => cell + ' '.repeat((widths[index] ?? 0) - widthOf(cell)));
      return `${indent}${cells.join('  ')}`.trimEnd();
    })
    .join('\n');
}

/** How many columns a text takes on a terminal: colours take none, wide letters two. */
export function widthOf(text: string): number {
  let width = 0;
  for (const letter of stripVTControlCharacters(text)) {
    if (!/\p{Mark}/u.test(letter)) width += WIDE.test(letter) ? 2 : 1;
  }
  return width;
}
