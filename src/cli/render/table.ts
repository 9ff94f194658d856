import { columnsText } from './columns.ts';

/** A table: titles in capitals, columns without borders. What would move the cursor is taken out of the cells. */
export function tableText(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  return columnsText([columns.map((title) => title.toUpperCase()), ...rows.map((row) => row.map(printable))]);
}

/** Takes out what would move the cursor or hide text; colours (`ESC [ … m`) stay, line ends become blanks. */
export function printable(text: string): string {
  return text.replace(/\r?\n/g, ' ').replace(/\u001B\[[\d;]*m|\p{Cc}/gu, (found) => (found.length > 1 ? found : ''));
}
