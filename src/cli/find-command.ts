import { RestageError } from '../errors.ts';
import type { CommandSpec } from './command.ts';
import { flagNames, GLOBAL_OPTIONS, takesValue } from './global-options.ts';
import { nearest } from '../model/nearest.ts';

/** A command that was typed, and the words that are left for its parameters and options. */
export interface FoundCommand {
  readonly spec: CommandSpec;
  readonly rest: readonly string[];
}

const LONGEST_NAME = 3;

/**
 * Finds the command in what was typed: the longest name wins. Options may stand before and between the words of a name.
 *
 * @returns the command; a group's word such as `nodes` when no command of that group follows it; `undefined` if no
 *   word is there
 * @throws {RestageError} `cli/unknown-command` with names like it
 */
export function findCommand(
  words: readonly string[],
  commands: readonly CommandSpec[],
): FoundCommand | { readonly group: string } | undefined {
  const { spec, typed, rest } = findWords(words, commands);
  if (spec) return { spec, rest };
  const [first, second] = typed;
  if (first === undefined) return undefined;
  const inGroup = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (inGroup.length > 0 && second === undefined) return { group: first };
  if (inGroup.length > 0) throw unknownCommand(`${first} `, second ?? '', inGroup);
  throw unknownCommand('', first, commands);
}

/** What the words say about a command, whole or not. */
export interface FoundWords {
  /** The command with the longest name that they spell; absent if there is none yet. */
  readonly spec?: CommandSpec;
  /** The words that may be the name of a command, in full. */
  readonly typed: readonly string[];
  /** What is left without the name. */
  readonly rest: readonly string[];
}

/** Looks for a command in words that may be incomplete. */
export function findWords(words: readonly string[], commands: readonly CommandSpec[]): FoundWords {
  const places = placesOfWords(words);
  const typed = places.map((place) => words[place] ?? '');
  for (let length = typed.length; length > 0; length--) {
    const name = typed.slice(0, length).join(' ');
    const spec = commands.find((command) => command.name === name || command.aliases?.includes(name));
    if (spec) return { spec, typed, rest: words.filter((_, index) => !places.slice(0, length).includes(index)) };
  }
  return { typed, rest: words };
}

/** Where the words stand that may be the name of a command: neither options nor values of global options. */
function placesOfWords(words: readonly string[]): readonly number[] {
  const places: number[] = [];
  for (let index = 0; index < words.length && places.length < LONGEST_NAME; index++) {
    const word = words[index] ?? '';
    if (word === '--') break;
    if (isGlobalWithValue(word)) index++;
    else if (!word.startsWith('-')) places.push(index);
  }
  return places;
}

function isGlobalWithValue(word: string): boolean {
  return GLOBAL_OPTIONS.some(({ flags }) => takesValue(flags) && flagNames(flags).includes(word));
}

function unknownCommand(group: string, word: string, commands: readonly CommandSpec[]): RestageError {
  const typed = `${group}${word}`;
  const names = commands.filter(({ hidden }) => !hidden).flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  // The word of the group is right; it would make all of its commands look near.
  const rests = names.flatMap((name) => (name.startsWith(group) ? [name.slice(group.length)] : []));
  const candidates = nearest(word, rests).map((rest) => `${group}${rest}`);
  return new RestageError('cli/unknown-command', `there is no command ${JSON.stringify(typed)}`, {
    ...(candidates.length > 0 && {
      hint: `Did you mean ${candidates.map((name) => `\`restage ${name}\``).join(' or ')}`,
    }),
    details: { typed, candidates },
  });
}
