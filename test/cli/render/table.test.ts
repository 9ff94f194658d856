import { describe, expect, test } from 'vitest';
import { widthOf } from '../../../src/cli/render/columns.ts';
import { ageText, sizeText, spanText } from '../../../src/cli/render/quantity.ts';
import { printable, tableText } from '../../../src/cli/render/table.ts';

test('a table has titles in capitals, columns without borders, and nothing at the end of a line', () => {
  expect(
    tableText(
      ['node', 'state'],
      [
        ['fit01', 'on'],
        ['fit002', ''],
      ],
    ),
  ).toBe('NODE    STATE\nfit01   on\nfit002');
});

test.each([
  { text: 'fit01', is: 5, why: 'letters' },
  { text: '\u001B[31mred\u001B[0m', is: 3, why: 'a colour has no width' },
  { text: '日本', is: 4, why: 'wide letters' },
  { text: 'e\u0301', is: 1, why: 'an accent stands on its letter' },
])('$text is $is wide: $why', ({ text, is }) => {
  expect(widthOf(text)).toBe(is);
});

test.each([
  { text: 'a\nb\r\nc', is: 'a b c', why: 'a cell is one line' },
  { text: 'a\u001B[2Jb\u0007', is: 'a[2Jb', why: 'nothing moves the cursor' },
  { text: '\u001B[31ma\u001B[0m', is: '\u001B[31ma\u001B[0m', why: 'a colour stays' },
  { text: 'café → 日本', is: 'café → 日本', why: 'letters of all scripts stay' },
])('$text is printed as $is: $why', ({ text, is }) => {
  expect(printable(text)).toBe(is);
});

describe('quantities', () => {
  test.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 KB'],
    [1_340_000_000, '1.3 GB'],
    [99_960_000, '100 MB'],
    [999_600, '1.0 MB'],
  ])('%d bytes are %s', (bytes, is) => {
    expect(sizeText(bytes)).toBe(is);
  });

  test.each([
    [350, '350 ms'],
    [4200, '4.2 s'],
    [9960, '10 s'],
    [200_000, '3 min 20 s'],
    [120_000, '2 min'],
    [7_500_000, '2 h 5 min'],
    [7_205_000, '2 h'],
    [270_000_000, '3 d 3 h'],
  ])('%d ms are %s', (ms, is) => {
    expect(spanText(ms)).toBe(is);
  });

  test.each([
    [0, 'just now'],
    [61_000, '1 minute ago'],
    [7_200_000, '2 hours ago'],
    [-5000, 'just now'],
  ])('what was %d ms ago was %s', (ms, is) => {
    expect(ageText(1_000_000_000_000 - ms, 1_000_000_000_000)).toBe(is);
  });
});
