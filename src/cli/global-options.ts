import type { OptionSpec } from './command.ts';

/** Options that every command has. Where a command uses one of these names itself, its own meaning wins. */
export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: '--json', summary: 'print one JSON document, or one event per line' },
  { flags: '--quiet', summary: 'print the result and failures only' },
  { flags: '--verbose', summary: 'say more: causes of failures, each step' },
  { flags: '-y, --yes', summary: 'do not ask' },
  { flags: '--plan', summary: 'show what would be done and stop' },
  { flags: '-t, --timeout <time>', summary: 'one deadline for the whole command: 90, 5m, 1h' },
  { flags: '--workspace <dir>', summary: 'the workspace, instead of the one found upwards', complete: 'directory' },
  { flags: '--set <section.key=value>', summary: 'a value of the configuration, for this run', repeatable: true },
  { flags: '--no-color', summary: 'no colour, whatever the terminal can' },
  { flags: '-h, --help', summary: 'show this' },
];

/** What the global options said, as they were typed. */
export interface GlobalValues {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly yes?: boolean;
  readonly plan?: boolean;
  readonly timeout?: string;
  readonly workspace?: string;
  readonly set?: readonly string[];
  readonly color?: boolean;
}

/** The names in the flags of an option: `-i, --image <name>` has `-i` and `--image`. */
export function flagNames(flags: string): readonly string[] {
  return flags.match(/(?<=^|[\s,])--?[\w-]+/g) ?? [];
}

/** Whether an option takes a value. */
export function takesValue(flags: string): boolean {
  return /[<[]/.test(flags);
}

/** The global options that a command has beside its own: a name that it uses itself is taken off. */
export function globalOptionsBeside(own: readonly OptionSpec[]): readonly OptionSpec[] {
  const taken = new Set(own.flatMap(({ flags }) => flagNames(flags)));
  return GLOBAL_OPTIONS.flatMap((option) => {
    const [long = '', ...shorts] = flagNames(option.flags).toReversed();
    if (taken.has(long)) return [];
    if (!shorts.some((short) => taken.has(short))) return [option];
    return [{ ...option, flags: option.flags.replace(/^-\w, /, '') }];
  });
}
