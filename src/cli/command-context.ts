import { RestageError } from '../errors.ts';
import type { CommandContext, Engine, GlobalFlags } from './command.ts';
import type { Reporter } from './render/reporter.ts';
import type { Terminal } from './terminal.ts';

/** What a command's context is made of. */
export interface CommandContextParts {
  readonly flags: GlobalFlags;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly reporter: Reporter;
  readonly engine: Engine;
}

/** What a command has beside it, and a promise that resolves when all that it printed is handed over. */
export interface BoundContext {
  readonly context: CommandContext;
  readonly printed: () => Promise<void>;
}

/** Makes the context of a command out of a terminal and an engine. */
export function createCommandContext(parts: CommandContextParts): BoundContext {
  const { flags, terminal, signal, reporter, engine } = parts;
  let last = Promise.resolve();
  const print = (document: unknown, text: string) => {
    const line = flags.json ? JSON.stringify(document) : text;
    if (line === '') return;
    reporter.hide();
    last = terminal.out.write(line.endsWith('\n') ? line : `${line}\n`);
  };
  return {
    context: {
      ...{ flags, signal, engine, emit: reporter.emit },
      directory: terminal.directory,
      now: terminal.now,
      print,
      printLine: print,
      write: (bytes) => {
        reporter.hide();
        return terminal.out.write(bytes);
      },
      readInput: terminal.readInput,
      say: (text) => {
        if (!flags.quiet) reporter.say(text);
      },
      confirm: (question) => confirm(question, parts),
    },
    printed: () => last,
  };
}

async function confirm(question: string, { flags, terminal, signal, reporter }: CommandContextParts): Promise<boolean> {
  if (flags.yes) return true;
  if (!terminal.isInteractive) {
    throw new RestageError('cli/not-confirmed', 'not confirmed, and there is no terminal to ask on');
  }
  reporter.hide();
  const answer = await terminal.ask(`${question} [y/N] `, signal);
  signal.throwIfAborted();
  return /^\s*y(es)?\s*$/i.test(answer ?? '');
}
