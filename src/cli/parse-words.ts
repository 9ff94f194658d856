import { Argument, Command, CommanderError, Option } from 'commander';
import { RestageError } from '../errors.ts';
import type { CommandInput, CommandSpec, OptionSpec, ParameterSpec } from './command.ts';
import { flagNames, globalOptionsBeside, type GlobalValues } from './global-options.ts';

/** What was typed for one command. */
export interface ParsedWords {
  readonly input: CommandInput;
  readonly globals: GlobalValues;
}

/**
 * Reads the words behind a command's name.
 *
 * @throws {RestageError} `cli/usage` for what the command does not know or lacks
 */
export function parseWords(spec: CommandSpec, words: readonly string[]): ParsedWords {
  const { options = [], parameters = [] } = spec;
  const globals = globalOptionsBeside(options).filter(({ flags }) => !flags.includes('--help'));
  const command = new Command(spec.name)
    .helpOption(false)
    .exitOverride()
    .configureOutput({
      writeErr: () => undefined,
      outputError: () => undefined,
    });
  for (const parameter of parameters) command.addArgument(argumentOf(parameter));
  for (const option of [...options, ...globals]) command.addOption(optionOf(option));
  // Without a `rest`, what follows `--` are parameters that may begin with a dash.
  const dashes = spec.rest === undefined ? -1 : words.indexOf('--');
  try {
    command.parse(dashes < 0 ? [...words] : words.slice(0, dashes), { from: 'user' });
  } catch (error) {
    throw error instanceof CommanderError ? usageError(error, spec) : error;
  }
  const values: Record<string, unknown> = command.opts();
  return {
    input: {
      parameters: Object.fromEntries(
        parameters.map(({ name }, index) => [camelCase(name), command.processedArgs[index] as unknown]),
      ),
      options: pick(values, options),
      ...(dashes >= 0 && { rest: words.slice(dashes + 1) }),
    },
    globals: pick(values, [...globals, ...options.filter(isDeadline)]),
  };
}

function argumentOf({ name, summary, optional = false, variadic = false }: ParameterSpec): Argument {
  const text = variadic ? `${name}...` : name;
  return new Argument(optional ? `[${text}]` : `<${text}>`, summary);
}

function optionOf({ flags, summary, choices, repeatable }: OptionSpec): Option {
  const option = new Option(flags, summary);
  if (repeatable)
    option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), value]);
  return choices ? option.choices([...choices]) : option;
}

/** A command with a `--timeout` of its own still has one clock: the value is both its option and the deadline. */
function isDeadline({ flags }: OptionSpec): boolean {
  return flagNames(flags).includes('--timeout');
}

function pick(values: Readonly<Record<string, unknown>>, options: readonly OptionSpec[]): Record<string, unknown> {
  const names = options.map(({ flags }) => new Option(flags).attributeName());
  return Object.fromEntries(names.filter((name) => values[name] !== undefined).map((name) => [name, values[name]]));
}

function camelCase(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function usageError({ message }: CommanderError, { name }: CommandSpec): RestageError {
  const [, text = message, suggestion] = /^(?:error: )?(.*?)\.?(?:\n\(Did you mean (.*)\?\))?$/s.exec(message) ?? [];
  return new RestageError('cli/usage', text.charAt(0).toLowerCase() + text.slice(1), {
    hint: suggestion === undefined ? `Run \`restage ${name} --help\`` : `Did you mean ${suggestion}`,
    details: { command: name },
  });
}
