import type { CommandSpec, CompletionKind, OptionSpec } from '../command.ts';
import { findWords } from '../find-command.ts';
import { flagNames, globalOptionsBeside, takesValue } from '../global-options.ts';

/** What may stand at the cursor. */
export interface Completion {
  /** Words that are known without looking. */
  readonly offers: readonly Offer[];
  /** Names that have to be looked up; those that begin with `prefix` are wanted. */
  readonly live?: { readonly kind: CompletionKind; readonly prefix: string; readonly before: string };
}

/** One word, and what it means. */
export interface Offer {
  readonly value: string;
  readonly summary: string;
}

/**
 * Says what may stand at the cursor. Pure: names that live on disk are asked for by their kind.
 *
 * @param words - the whole words before the cursor, without the program
 * @param current - the word at the cursor, up to the cursor; may be empty
 */
export function completionAt(words: readonly string[], current: string, commands: readonly CommandSpec[]): Completion {
  if (words.includes('--')) return valueOf({ complete: 'file' }, current, '');
  const { spec, typed, rest } = findWords(words, commands);
  const options = [...(spec?.options ?? []), ...globalOptionsBeside(spec?.options ?? [])];
  const assigned = /^(--[\w-]+)=(.*)$/s.exec(current);
  if (assigned) {
    const [, flag = '', value = ''] = assigned;
    const option = optionOf(flag, options);
    return option ? valueOf(option, value, `${flag}=`) : NOTHING;
  }
  const open = openOption(words, options);
  if (open?.isDue) return valueOf(open.option, current, '');
  if (current.startsWith('-')) return { offers: startingWith(current, options.flatMap(optionOffers)) };
  const names = nextWords(typed, commands, current);
  const values = open ? valueOf(open.option, current, '').offers : [];
  const parameter = spec ? parameterCompletion(spec, rest, options, current) : NOTHING;
  return { ...parameter, offers: [...names, ...values, ...parameter.offers] };
}

const NOTHING: Completion = { offers: [] };

/** The option that the last words belong to: its value is due, or it takes any number of them. */
function openOption(
  words: readonly string[],
  options: readonly OptionSpec[],
): { readonly option: OptionSpec; readonly isDue: boolean } | undefined {
  const index = words.findLastIndex((word) => word.startsWith('-'));
  const option = optionOf(words[index] ?? '', options);
  if (!option || !takesValue(option.flags)) return undefined;
  if (index === words.length - 1) return { option, isDue: true };
  return option.flags.includes('...') ? { option, isDue: false } : undefined;
}

function optionOf(flag: string, options: readonly OptionSpec[]): OptionSpec | undefined {
  return options.find(({ flags }) => flagNames(flags).includes(flag));
}

function optionOffers({ flags, summary }: OptionSpec): readonly Offer[] {
  return flagNames(flags)
    .filter((name) => name.startsWith('--'))
    .map((value) => ({ value, summary }));
}

function valueOf(
  { choices, complete }: Pick<OptionSpec, 'choices' | 'complete'>,
  current: string,
  before: string,
): Completion {
  if (choices) {
    return {
      offers: startingWith(
        before + current,
        choices.map((choice) => ({ value: before + choice, summary: '' })),
      ),
    };
  }
  return complete ? { offers: [], live: { kind: complete, prefix: current, before } } : NOTHING;
}

/** The next words of names of commands that begin with what was typed. */
function nextWords(typed: readonly string[], commands: readonly CommandSpec[], current: string): readonly Offer[] {
  const offers = new Map<string, string>();
  for (const { name, summary, hidden } of commands) {
    const parts = name.split(' ');
    const next = parts[typed.length];
    if (hidden || next === undefined || typed.some((word, index) => parts[index] !== word)) continue;
    const isGroup = parts.length > typed.length + 1;
    if (!isGroup || !offers.has(next)) offers.set(next, isGroup ? `${next}: several commands` : summary);
  }
  return startingWith(
    current,
    Array.from(offers, ([value, summary]) => ({ value, summary })),
  );
}

function parameterCompletion(
  { parameters = [] }: CommandSpec,
  rest: readonly string[],
  options: readonly OptionSpec[],
  current: string,
): Completion {
  let index = 0;
  for (let at = 0; at < rest.length; at++) {
    const word = rest[at] ?? '';
    const option = optionOf(word, options);
    if (option && takesValue(option.flags)) at++;
    else if (!word.startsWith('-')) index++;
  }
  const last = parameters.at(-1);
  const parameter = parameters[index] ?? (last?.variadic ? last : undefined);
  return parameter ? valueOf(parameter, current, '') : NOTHING;
}

function startingWith(current: string, offers: readonly Offer[]): readonly Offer[] {
  return offers.filter(({ value }) => value.startsWith(current));
}
