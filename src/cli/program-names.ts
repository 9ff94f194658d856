import type { CommandSpec } from './command.ts';
import { flagNames } from './global-options.ts';

/** Programs with names of their own, and the words they stand for. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'rsnap': ['snap'],
  'snap': ['snap'],
  'rload': ['nodes', 'load'],
  'load-image': ['nodes', 'load'],
  'rsave': ['nodes', 'save'],
  'rwait': ['nodes', 'wait'],
};
/** Words of rhubarbe that are called otherwise here. */
const OLD_WORDS: Readonly<Record<string, readonly string[]>> = {
  leases: ['lease', 'ls'],
  nodes: ['nodes', 'ls'],
  inventory: ['nodes', 'ls'],
  config: ['config'],
  version: ['--version'],
};
/** What scripts that call the old names rely on: nothing asks, nothing is kept for undo. For nodes only. */
const IMPLIED = ['--yes', '--no-undo'];

/** The commands of nodes that are also programs of their own: `restage-load`, `rhubarbe-load`. */
const NODES_PROGRAMS = [
  ...['load', 'save', 'wait', 'images', 'resolve', 'share', 'status', 'info', 'on', 'off', 'reset', 'bye'],
] as const;

/** The names that `restage links` makes. */
export const LINK_NAMES: readonly string[] = [
  ...NODES_PROGRAMS.map((verb) => `restage-${verb}`),
  'rhubarbe',
  ...NODES_PROGRAMS.map((verb) => `rhubarbe-${verb}`),
  ...['rload', 'rsave', 'rwait', 'load-image', 'snap'],
];

/**
 * The words that were meant, by the name under which the program was called.
 *
 * `rsnap -s x` means `snap -s x`; `restage-load` and `rhubarbe-load` mean `nodes load`, `rhubarbe wait` means
 * `nodes wait`. Under the names of rhubarbe `--yes --no-undo` are implied where the command has them, for nodes only.
 */
export function wordsMeant(
  program: string,
  words: readonly string[],
  commands: readonly CommandSpec[],
): readonly string[] {
  const [command, ...others] = words;
  if (command === 'help') return wordsMeant(program, [...others, '--help'], commands);
  const own = PROGRAMS[program];
  if (own) return [...own, ...(own[0] === 'nodes' ? implied(own, commands) : []), ...words];
  const [prefix = '', ...rest] = program.split('-');
  const verb = rest.join('-');
  if (prefix === 'rhubarbe') {
    const [first = '--help', ...more] = verb === '' ? words : [verb, ...words];
    const meant = OLD_WORDS[first] ?? (isNodesVerb(first, commands) ? ['nodes', first] : [first]);
    return [...meant, ...(meant[0] === 'nodes' ? implied(meant, commands) : []), ...more];
  }
  if (prefix !== 'restage' || verb === '') return words;
  return isNodesVerb(verb, commands) ? ['nodes', verb, ...words] : [...verb.split('-'), ...words];
}

function isNodesVerb(verb: string, commands: readonly CommandSpec[]): boolean {
  // `rhubarbe save` must never come to mean `restage save`, whether nodes can be saved here or not.
  if (NODES_PROGRAMS.some((program) => program === verb)) return true;
  return commands.some(({ name, aliases }) => name === `nodes ${verb}` || aliases?.includes(`nodes ${verb}`));
}

function implied(meant: readonly string[], commands: readonly CommandSpec[]): readonly string[] {
  const spec = commands.find(({ name }) => name === meant.join(' '));
  const known = new Set(['--yes', ...(spec?.options ?? []).flatMap(({ flags }) => flagNames(flags))]);
  return IMPLIED.filter((flag) => known.has(flag));
}
