import { expect, test } from 'vitest';
import { lineAtCursor } from '../../../src/cli/completion/line-at-cursor.ts';

test.each([
  { line: 'restage lo', is: ['restage', 'lo'], why: 'two words' },
  { line: 'restage ', is: ['restage', ''], why: 'a word that has not begun' },
  { line: '  restage   load  ', is: ['restage', 'load', ''], why: 'many blanks' },
  { line: 'restage load "a b', is: ['restage', 'load', 'a b'], why: 'a quote that is open' },
  { line: "restage load 'a b' c", is: ['restage', 'load', 'a b', 'c'], why: 'a quote that is closed' },
  { line: 'restage load a\\ b', is: ['restage', 'load', 'a b'], why: 'a blank that is escaped' },
  { line: 'restage --only=no', is: ['restage', '--only=no'], why: 'bash would split at the sign' },
  { line: 'cd x; restage lo', is: ['restage', 'lo'], why: 'another command before' },
  { line: 'a && b | restage v', is: ['restage', 'v'], why: 'a pipe before' },
  { line: 'echo ";" restage', is: ['echo', ';', 'restage'], why: 'a sign in quotes ends nothing' },
  { line: '', is: [''], why: 'nothing' },
])('$line is $is: $why', ({ line, is }) => {
  expect(lineAtCursor(line)).toEqual(is);
});
