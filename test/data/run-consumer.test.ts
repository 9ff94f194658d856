import { describe, expect, test } from 'vitest';
import { splitCommand } from '../../src/data/run-consumer.ts';

describe('a command', () => {
  test.each([
    { command: './plot.sh --fast', words: ['./plot.sh', '--fast'], why: 'blanks part' },
    { command: `sh -c 'echo "$X"; exit 1'`, words: ['sh', '-c', 'echo "$X"; exit 1'], why: 'single quotes keep all' },
    { command: `a "b \\" c" d\\ e`, words: ['a', 'b " c', 'd e'], why: 'a backslash keeps one letter' },
    { command: `a "" ''`, words: ['a', '', ''], why: 'empty words' },
    { command: `pre'fix 'ed`, words: ['prefix ed'], why: 'quotes within a word' },
    { command: '  ', words: [], why: 'nothing' },
    { command: '$(reboot) `x` *', words: ['$(reboot)', '`x`', '*'], why: 'no shell' },
  ])('$command: $why', ({ command, words }) => {
    expect(splitCommand(command)).toEqual(words);
  });

  test('with an open quote is refused', () => {
    expect(() => splitCommand(`a 'b`)).toThrow(expect.objectContaining({ code: 'cli/usage' }));
  });
});
