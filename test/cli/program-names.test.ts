import { expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { findCommand } from '../../src/cli/find-command.ts';
import { LINK_NAMES, wordsMeant } from '../../src/cli/program-names.ts';

test.each([
  { typed: 'restage save x', is: 'save x', why: 'its own name' },
  { typed: 'rsnap -s x', is: 'snap -s x', why: 'the program of the original design' },
  { typed: 'snap --view x', is: 'snap --view x', why: 'the link' },
  { typed: 'restage-load -i x 1', is: 'nodes load -i x 1', why: 'a command of nodes as a program asks like any other' },
  { typed: 'rhubarbe-load -i x 1', is: 'nodes load --yes -i x 1', why: 'scripts of rhubarbe expect no question' },
  { typed: 'rhubarbe load 1', is: 'nodes load --yes 1', why: 'the same with a blank' },
  { typed: 'rhubarbe status', is: 'nodes status --yes', why: 'any verb of nodes' },
  { typed: 'rload 1', is: 'nodes load --yes 1', why: 'the short link' },
  { typed: 'rhubarbe save -o x 1', is: 'nodes save --yes -o x 1', why: 'never the save of a whole snapshot' },
  { typed: 'rhubarbe version', is: '--version', why: 'a word of rhubarbe' },
  { typed: 'rhubarbe', is: '--help', why: 'nothing typed' },
  { typed: 'restage help nodes load', is: 'nodes load --help', why: 'help is an option in disguise' },
  { typed: 'restage-data-put x', is: 'data put x', why: 'any command' },
])('$typed means $is: $why', ({ typed, is }) => {
  const [program = '', ...words] = typed.split(' ');
  const meant = wordsMeant(program, words, COMMANDS).filter((word) => word !== '--no-undo');
  expect(meant.join(' ')).toBe(is);
});

test('each name that `restage links` makes means a command of nodes, or the snapshots of nodes', () => {
  for (const name of LINK_NAMES.filter((link) => link !== 'rhubarbe')) {
    expect(wordsMeant(name, ['x'], COMMANDS)[0], name).toMatch(/^(nodes|snap)$/);
  }
  expect(findCommand(wordsMeant('rload', [], COMMANDS), COMMANDS)).toMatchObject({ spec: { name: 'nodes load' } });
});
