import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Engine } from '../../src/cli/command.ts';
import { runCommandLine, type EngineRun, type OpenEngine } from '../../src/cli/run.ts';
import type { Output, Terminal } from '../../src/cli/terminal.ts';
import { openEngine } from '../../src/main.ts';

/** Where and how a line is typed. */
export interface TypedAt {
  /** The working directory; also `HOME` and the XDG directories lie below it, so that nobody's own files are read. */
  readonly directory: string;
  /** Parts of the engine that are replaced, perhaps bound to the run; the others are the real ones. */
  readonly engine?: Partial<Engine> | ((run: EngineRun) => Partial<Engine>);
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** Standard input. */
  readonly input?: string;
  /** What is typed at each question. Absent: nobody sits there. */
  readonly answers?: readonly string[];
  /** Aborting it is Ctrl-C. */
  readonly interrupt?: AbortSignal;
}

/**
 * Runs the whole command line in this process and answers what a person would see: the line behind `$ `, stdout, stderr
 * behind `! `, in the order in which they were written, and the exit status.
 */
export async function transcript(line: string, at: TypedAt): Promise<string> {
  const { shown, status } = await typed(line, at);
  return [`$ ${line}`, ...shown, `exit ${status}`].join('\n');
}

/** The same, for a test that looks at the two streams apart. */
export async function typed(
  line: string,
  at: TypedAt,
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string; readonly shown: string[] }> {
  const written: { readonly isError: boolean; readonly text: string }[] = [];
  const output = (isError: boolean): Output => ({
    isTerminal: false,
    columns: () => 80,
    write: async (content) => {
      written.push({ isError, text: Buffer.from(content).toString('utf8') });
    },
    onClosed: () => undefined,
  });
  const [program = '', ...words] = splitWords(line);
  const restore = setVariables(at);
  try {
    const status = await runCommandLine({
      ...{ program, words, version: '0.0.0' },
      terminal: testTerminal(at, output(false), output(true)),
      open: (run) => openReplaced(run, at),
    });
    const streamed = (isError: boolean) =>
      written.flatMap((piece) => (piece.isError === isError ? [piece.text] : [])).join('');
    const shown = written.flatMap(({ isError, text }) =>
      text
        .replace(/\n$/, '')
        .replace(/^/gm, isError ? '! ' : '')
        .split('\n'),
    );
    return { status, stdout: streamed(false), stderr: streamed(true), shown };
  } finally {
    restore();
  }
}

/** How the built program ended and what it printed. */
export interface RestageRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program through its launcher, as a user would; `npm run build` has to have been. */
export async function runRestage(
  args: readonly string[],
  { cwd, env = {}, input, program = 'restage' }: RunRestage,
): Promise<RestageRun> {
  const child = spawn('sh', [join(import.meta.dirname, '../../bin', program), ...args], {
    cwd,
    env: { ...process.env, ...homeVariables(cwd), ...env },
    stdio: 'pipe',
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [stdout, stderr, [code, signal]] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, 'close') as Promise<[number | null, string | null]>,
  ]);
  if (code === null) throw new Error(`restage ${args.join(' ')} was ended by ${signal ?? 'nothing'}`);
  return { status: code, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
}

/** Where and how the built program runs. */
export interface RunRestage {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** `restage` or `rsnap`. */
  readonly program?: string;
}

/** Variables under which nothing outside a directory is read or written. */
export function homeVariables(directory: string): Readonly<Record<string, string>> {
  const home = join(directory, '.home');
  return {
    ...{ HOME: home, XDG_CONFIG_HOME: join(home, '.config'), XDG_DATA_HOME: join(home, '.local/share') },
    ...{ XDG_STATE_HOME: join(home, '.local/state'), XDG_CACHE_HOME: join(home, '.cache') },
    // A cache that is thrown away after each test only costs.
    ...{ GIT_CONFIG_NOSYSTEM: '1', NO_COLOR: '1', NODE_DISABLE_COMPILE_CACHE: '1' },
  };
}

/** Splits a line as a shell would, with both kinds of quotes and nothing else. */
export function splitWords(line: string): string[] {
  return Array.from(line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g), ([word]) =>
    word.replace(/'([^']*)'|"([^"]*)"/g, (_, single: string | undefined, double: string | undefined) => {
      return single ?? double ?? '';
    }),
  );
}

function testTerminal(at: TypedAt, out: Output, error: Output): Terminal {
  const answers = [...(at.answers ?? [])];
  return {
    ...{ out, error, directory: at.directory },
    isInteractive: at.answers !== undefined,
    variables: { ...process.env, ...at.variables },
    readInput: async function* () {
      yield Buffer.from(at.input ?? '');
    },
    ask: async (question) => {
      const answer = answers.shift();
      await error.write(`${question}${answer ?? ''}\n`);
      return answer;
    },
    onInterrupt: (called) => {
      at.interrupt?.addEventListener('abort', called);
      return {
        [Symbol.dispose]: () => {
          at.interrupt?.removeEventListener('abort', called);
        },
      };
    },
    after: (ms, called) => {
      const timer = setTimeout(called, ms);
      return {
        [Symbol.dispose]: () => {
          clearTimeout(timer);
        },
      };
    },
    every: (ms, called) => {
      const timer = setInterval(called, ms);
      return {
        [Symbol.dispose]: () => {
          clearInterval(timer);
        },
      };
    },
    now: () => Date.now(),
  };
}

function openReplaced(run: EngineRun, { directory, engine }: TypedAt): OpenEngine {
  const opened = openEngine(run, directory);
  return {
    engine: { ...opened.engine, ...(typeof engine === 'function' ? engine(run) : engine) },
    [Symbol.asyncDispose]: async () => {
      await opened[Symbol.asyncDispose]();
    },
  };
}

/** The engine reads the variables of this process; answers what puts them back. */
function setVariables({ directory, variables = {} }: TypedAt): () => void {
  const wanted = { ...homeVariables(directory), ...variables };
  const before = Object.keys(wanted).map((name) => [name, process.env[name]] as const);
  assign(Object.entries(wanted));
  return () => {
    assign(before);
  };
}

function assign(entries: readonly (readonly [string, string | undefined])[]): void {
  for (const [name, value] of entries) {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  }
}
