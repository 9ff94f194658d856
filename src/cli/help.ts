import type { CommandSpec, OptionSpec, ParameterSpec } from './command.ts';
import type { CommandGroup } from './commands.ts';
import { GLOBAL_OPTIONS, globalOptionsBeside } from './global-options.ts';

const INTRODUCTION = `restage saves the whole state of an experiment as one versioned snapshot, and puts it back.

  restage save demo            capture nodes, environment, session and data as one version
  restage diff demo live       what has drifted since
  restage load demo --plan     what putting it back would do
  restage load demo            put it back: only what differs is touched`;
const GAP = 2;
const LONGEST_LEFT = 34;

/** The text of `restage --help`. */
export function overview(groups: readonly CommandGroup[]): string {
  const sections = groups.flatMap(({ title, commands }) => {
    const shown = commands.filter(({ hidden }) => !hidden);
    return shown.length === 0 ? [] : [`${title}:\n${columns(shown.map(({ name, summary }) => [name, summary]))}`];
  });
  return [
    INTRODUCTION,
    ...sections,
    `Every command has:\n${optionLines(GLOBAL_OPTIONS)}`,
    'restage COMMAND --help shows its parameters, options and examples.',
  ].join('\n\n');
}

/** The text of `restage nodes --help`: the commands that begin with one word. */
export function groupOverview(group: string, commands: readonly CommandSpec[]): string {
  const shown = commands.filter(({ name, hidden }) => name.startsWith(`${group} `) && !hidden);
  return [
    `Usage: restage ${group} COMMAND`,
    columns(shown.map(({ name, summary }) => [name, summary])),
    `restage ${group} COMMAND --help shows its parameters, options and examples.`,
  ].join('\n\n');
}

/** The text of `restage COMMAND --help`. */
export function commandHelp(spec: CommandSpec): string {
  const { name, summary, parameters = [], options = [], examples, aliases = [] } = spec;
  const described = parameters.flatMap((parameter): (readonly [string, string])[] =>
    parameter.summary === undefined ? [] : [[parameter.name, parameter.summary]],
  );
  const globals = globalOptionsBeside(options).filter(({ flags }) => spec.plans === true || !flags.includes('--plan'));
  return [
    `Usage: restage ${[name, ...parameters.map(parameterText), '[options]', ...restText(spec)].join(' ')}`,
    `${summary}.`,
    ...(aliases.length > 0 ? [`Also called: ${aliases.join(', ')}`] : []),
    ...(described.length > 0 ? [`Parameters:\n${columns(described)}`] : []),
    ...(options.length > 0 ? [`Options:\n${optionLines(options)}`] : []),
    `Every command has:\n${optionLines(globals)}`,
    `Examples:\n${columns(examples.map(({ line, says }) => [line, says]))}`,
  ].join('\n\n');
}

function parameterText({ name, optional, variadic }: ParameterSpec): string {
  const text = variadic ? `${name.toUpperCase()}...` : name.toUpperCase();
  return optional ? `[${text}]` : text;
}

function restText({ rest }: CommandSpec): readonly string[] {
  return rest === undefined ? [] : [`-- ${rest.toUpperCase()}`];
}

function optionLines(options: readonly OptionSpec[]): string {
  return columns(
    options.map(({ flags, summary, choices }) => [
      flags.startsWith('--') ? `    ${flags}` : flags,
      choices ? `${summary} (${choices.join(', ')})` : summary,
    ]),
  );
}

/** Two columns; a left side that is too long has its right side on the next line. */
function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(0, ...rows.map(([left]) => left.length).filter((length) => length <= LONGEST_LEFT)) + GAP;
  return rows
    .map(([left, right]) =>
      left.length + GAP > width
        ? `  ${left}\n  ${' '.repeat(width)}${right}`
        : `  ${left.padEnd(width)}${right}`.trimEnd(),
    )
    .join('\n');
}
