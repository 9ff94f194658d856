import { EXIT, exitStatusOf, RestageError } from '../errors.ts';
import type { Emit } from '../model/event.ts';
import type { CommandSpec, Engine, GlobalFlags } from './command.ts';
import { createCommandContext } from './command-context.ts';
import { COMMAND_GROUPS, COMMANDS } from './commands.ts';
import { parseDuration } from '../model/duration.ts';
import { findCommand } from './find-command.ts';
import type { GlobalValues } from './global-options.ts';
import type { ParsedWords } from './parse-words.ts';
import { wordsMeant } from './program-names.ts';
import { createPaint, hasColor } from './render/color.ts';
import { failureDocument, failureText } from './render/failure.ts';
import { createReporter, type Reporter } from './render/reporter.ts';
import { createRunSignal, isClosedOutput } from './run-signal.ts';
import type { Terminal } from './terminal.ts';

/** A timer cannot wait longer, in ms. */
const LONGEST_MS = 2 ** 31 - 1;

/** All that the command line needs to be one. */
export interface CommandLine {
  /** The name under which the program was called: `restage`, `rsnap`, `rhubarbe-load`. */
  readonly program: string;
  /** What was typed behind it. */
  readonly words: readonly string[];
  readonly version: string;
  readonly terminal: Terminal;
  /** Puts the engine together for one command; nothing of it is opened before it is asked for. */
  readonly open: (run: EngineRun) => OpenEngine;
}

/** What an engine must know of the command that it serves. */
export interface EngineRun {
  readonly signal: AbortSignal;
  readonly emit: Emit;
  /** `--workspace`. */
  readonly workspace?: string;
  /** `--set section.key=value`, as typed. */
  readonly settings: readonly string[];
}

/** An engine; disposing it closes what was opened. */
export interface OpenEngine extends AsyncDisposable {
  readonly engine: Engine;
}

/** Runs what was typed, says what went wrong, and answers the exit status. Never rejects. */
export async function runCommandLine(line: CommandLine): Promise<number> {
  const words = wordsMeant(line.program, line.words, COMMANDS);
  try {
    return await dispatch(words, line);
  } catch (error) {
    if (isClosedOutput(error)) return EXIT.interrupted;
    return fail(error, beforeDashes(words), line.terminal);
  }
}

async function dispatch(words: readonly string[], line: CommandLine): Promise<number> {
  const options = beforeDashes(words).filter((word) => word.startsWith('-'));
  const wantsHelp = options.includes('--help') || options.includes('-h');
  if (words[0] === '--version' || words[0] === '-V') return show(`restage ${line.version}`, line);
  const found = findCommand(words, COMMANDS);
  if (found === undefined) return showOverview(words, wantsHelp, line);
  if ('group' in found) return showGroup(found.group, wantsHelp, line);
  if (wantsHelp) return show((await import('./help.ts')).commandHelp(found.spec), line);
  const { parseWords } = await import('./parse-words.ts');
  const parsed = parseWords(found.spec, found.rest);
  const flags = flagsOf(parsed.globals, found.spec);
  using reporter = createReporter(line.terminal, flags);
  using run = createRunSignal(line.terminal, deadlineOf(parsed.globals, found.spec), reporter.say);
  const work = perform(found.spec, parsed, { flags, reporter, signal: run.signal }, line);
  return await Promise.race([work, run.forced]);
}

async function perform(
  spec: CommandSpec,
  { input, globals }: ParsedWords,
  {
    flags,
    reporter,
    signal,
  }: { readonly flags: GlobalFlags; readonly reporter: Reporter; readonly signal: AbortSignal },
  { open, terminal }: CommandLine,
): Promise<number> {
  try {
    const command = await spec.load();
    await using opened = open({
      ...{ signal, emit: reporter.emit, settings: globals.set ?? [] },
      ...(globals.workspace !== undefined && { workspace: globals.workspace }),
    });
    const bound = createCommandContext({ flags, signal, reporter, terminal, engine: opened.engine });
    const status = await command(bound.context, input);
    await bound.printed();
    return status;
  } catch (error) {
    // What the platform throws for an abort says less than the reason for it.
    if (signal.aborted && error instanceof Error && error.name === 'AbortError') throw signal.reason;
    throw error;
  }
}

/** Says what went wrong. The words are looked at and not parsed: it may be the parsing that has failed. */
async function fail(
  thrown: unknown,
  words: readonly string[],
  { error: output, variables }: Terminal,
): Promise<number> {
  // A second failure, while all was being closed, explains nothing.
  const error = thrown instanceof SuppressedError ? (thrown.suppressed as unknown) : thrown;
  const paint = createPaint(hasColor(output, variables, !words.includes('--no-color')));
  const text = words.includes('--json')
    ? JSON.stringify(failureDocument(error))
    : failureText(error, words.includes('--verbose'), paint);
  await output.write(`${text}\n`);
  return exitStatusOf(error);
}

async function showOverview(words: readonly string[], wantsHelp: boolean, line: CommandLine): Promise<number> {
  const unknown = words.find((word) => word !== '--help' && word !== '-h');
  if (!wantsHelp && unknown !== undefined) throw new RestageError('cli/usage', `there is no command, only ${unknown}`);
  return show((await import('./help.ts')).overview(COMMAND_GROUPS), line);
}

async function showGroup(group: string, wantsHelp: boolean, line: CommandLine): Promise<number> {
  const text = (await import('./help.ts')).groupOverview(group, COMMANDS);
  if (wantsHelp) return show(text, line);
  await line.terminal.error.write(`${text}\n`);
  return EXIT.usage;
}

async function show(text: string, { terminal }: CommandLine): Promise<number> {
  await terminal.out.write(`${text}\n`);
  return EXIT.done;
}

function flagsOf({ json, quiet, verbose, yes, plan }: GlobalValues, spec: CommandSpec): GlobalFlags {
  if (plan && spec.plans !== true) {
    throw new RestageError('cli/usage', `\`restage ${spec.name}\` makes no plan`, {
      hint: 'Leave --plan out',
      details: { command: spec.name },
    });
  }
  return {
    json: json ?? false,
    quiet: quiet ?? false,
    verbose: verbose ?? false,
    yes: yes ?? false,
    plan: plan ?? false,
  };
}

function deadlineOf({ timeout }: GlobalValues, spec: CommandSpec): number | undefined {
  if (timeout === undefined) return spec.timeout === undefined ? undefined : spec.timeout * 1000;
  const ms = parseDuration(timeout);
  if (ms !== undefined && ms > 0) return Math.min(ms, LONGEST_MS);
  throw new RestageError('cli/usage', `${JSON.stringify(timeout)} is no time span`, {
    hint: 'Write seconds, or a number with its unit, such as 90, 5m or 1h30m',
    details: { timeout },
  });
}

function beforeDashes(words: readonly string[]): readonly string[] {
  const dashes = words.indexOf('--');
  return dashes < 0 ? words : words.slice(0, dashes);
}
