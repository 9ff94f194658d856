import { expect, test } from 'vitest';
import { createPaint, hasColor } from '../../../src/cli/render/color.ts';

const output = { columns: () => 80, write: async () => undefined, onClosed: () => undefined };

test.each([
  { isTerminal: true, variables: {}, flag: true, is: true, why: 'a terminal' },
  { isTerminal: false, variables: {}, flag: true, is: false, why: 'a pipe' },
  { isTerminal: true, variables: { NO_COLOR: '1' }, flag: true, is: false, why: 'no-color.org' },
  { isTerminal: true, variables: { NO_COLOR: '' }, flag: true, is: true, why: 'an empty NO_COLOR is none' },
  { isTerminal: true, variables: { TERM: 'dumb' }, flag: true, is: false, why: 'a terminal that cannot' },
  { isTerminal: false, variables: { FORCE_COLOR: '1' }, flag: true, is: true, why: 'asked for, for less -R' },
  { isTerminal: true, variables: { FORCE_COLOR: '0' }, flag: true, is: false, why: 'asked not to' },
  {
    isTerminal: true,
    variables: { FORCE_COLOR: '1', NO_COLOR: '1' },
    flag: true,
    is: true,
    why: 'force wins, as in Node',
  },
  { isTerminal: true, variables: { FORCE_COLOR: '1' }, flag: false, is: false, why: '--no-color is last' },
])('$variables, terminal $isTerminal, flag $flag: $is, $why', ({ isTerminal, variables, flag, is }) => {
  expect(hasColor({ ...output, isTerminal }, variables, flag)).toBe(is);
});

test('paints only where there are colours', () => {
  expect(createPaint(false)('failure', 'x')).toBe('x');
  expect(createPaint(true)('failure', 'x')).toMatch(/^\u001B\[.*x.*m$/);
});
