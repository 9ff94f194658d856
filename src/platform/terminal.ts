import { isatty } from 'node:tty';

/** The standard streams, signals and timers of this process, as a command line needs them. */
export interface ProcessTerminal {
  readonly out: ProcessOutput;
  readonly error: ProcessOutput;
  readonly isInteractive: boolean;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly directory: string;
  readonly readInput: () => AsyncIterable<Uint8Array>;
  readonly ask: (question: string, signal: AbortSignal) => Promise<string | undefined>;
  readonly onInterrupt: (called: () => void) => Disposable;
  readonly after: (ms: number, called: () => void) => Disposable;
  readonly every: (ms: number, called: () => void) => Disposable;
  readonly now: () => number;
}

/** A standard stream. A pipe whose reader has gone away (EPIPE) is no error: what is written then is dropped. */
export interface ProcessOutput {
  readonly isTerminal: boolean;
  readonly columns: () => number;
  readonly write: (content: string | Uint8Array) => Promise<void>;
  readonly onClosed: (called: () => void) => void;
}

const INTERRUPTS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const USUAL_COLUMNS = 80;
const STDIN = 0;

/** The terminal of this process; `directory` is the working directory. */
export function createTerminal(directory: string): ProcessTerminal {
  return {
    out: createOutput(process.stdout),
    error: createOutput(process.stderr),
    isInteractive: isatty(STDIN),
    variables: process.env,
    directory,
    readInput: () => process.stdin,
    ask,
    onInterrupt: (called) => {
      for (const name of INTERRUPTS) process.on(name, called);
      return disposable(() => {
        for (const name of INTERRUPTS) process.off(name, called);
      });
    },
    after: (ms, called) => {
      const timer = setTimeout(called, ms).unref();
      return disposable(() => {
        clearTimeout(timer);
      });
    },
    every: (ms, called) => {
      const timer = setInterval(called, ms).unref();
      return disposable(() => {
        clearInterval(timer);
      });
    },
    now: () => Date.now(),
  };
}

/** Ends this process with a status and a stack when something is thrown that nobody catches: a bug of ours. */
export function exitOnBug(status: number): void {
  process.on('uncaughtException', (error) => {
    process.stderr.write(`restage: this is a bug of restage: ${error.stack ?? String(error)}\n`);
    process.exit(status);
  });
}

function createOutput(stream: NodeJS.WriteStream & { readonly fd: number }): ProcessOutput {
  const isTerminal = isatty(stream.fd);
  let isClosed = false;
  const watchers: (() => void)[] = [];
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    isClosed = true;
    for (const called of watchers.splice(0)) called();
  });
  return {
    isTerminal,
    columns: () => (isTerminal ? stream.columns : USUAL_COLUMNS),
    write: (content) =>
      new Promise((done) => {
        if (isClosed) done();
        else
          stream.write(content, () => {
            done();
          });
      }),
    onClosed: (called) => {
      watchers.push(called);
    },
  };
}

async function ask(question: string, signal: AbortSignal): Promise<string | undefined> {
  // Most commands ask nothing, so it is not imported before.
  const { createInterface } = await import('node:readline/promises');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await new Promise((answer, refuse) => {
      lines.once('close', () => {
        answer(undefined);
      });
      // Ctrl-C at the question is an interrupt like any other.
      lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      lines.question(question, { signal }).then(answer, refuse);
    });
  } finally {
    lines.close();
  }
}

function disposable(dispose: () => void): Disposable {
  return { [Symbol.dispose]: dispose };
}
