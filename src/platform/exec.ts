import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { RestageError } from '../errors.ts';

/**
 * Runs a program at one place (this machine, a node over ssh, the inside of an instance) until it has ended.
 *
 * No shell; `LC_ALL=C.UTF-8`, so that output can be parsed. Every status is a result: 127 says that there is no
 * such program, 128 + N that signal N ended it. Rejects with `exec/failed` or `exec/not-found` if `expect` says
 * so, with `place/broken` if the place is gone, and with the signal's reason once the context's signal
 * aborts; by then the whole process group has been killed.
 */
export type Exec = (file: string, args: readonly string[], options?: ExecOptions) => Promise<ExecResult>;

/** Options of one call. */
export interface ExecOptions {
  readonly cwd?: string;
  /** Added to the place's own variables; `undefined` takes one away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Written to its standard input, which is empty otherwise. */
  readonly input?: string | Uint8Array;
  /** The statuses that are fine. Absent: all of them. */
  readonly expect?: readonly number[];
}

/** How the program ended and what it printed: `stdout` decoded as UTF-8, `stdoutBytes` as printed. */
export interface ExecResult {
  readonly status: number;
  readonly stdout: string;
  readonly stdoutBytes: Buffer;
  readonly stderr: string;
}

/**
 * Starts a program that goes on beside us and is spoken to over its pipes, such as `git cat-file --batch`.
 *
 * `kill` and the context's signal end it. `ended` gives its status, never rejects.
 */
export type Start = (file: string, args: readonly string[], options?: Pick<ExecOptions, 'cwd' | 'env'>) => Program;

/** A program that runs beside us. */
export interface Program {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  readonly ended: Promise<number>;
  readonly kill: () => void;
}

const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGSEGV: 11, SIGTERM: 15 };

/** Runs programs on this machine; all are killed when `signal` aborts. */
export function createExec(signal: AbortSignal): Exec {
  return async (file, args, { cwd, env, input, expect } = {}) => {
    signal.throwIfAborted();
    const child = spawn(file, args, { cwd, env: variables(env), detached: true, stdio: 'pipe' });
    const kill = () => {
      killGroup(child.pid);
    };
    signal.addEventListener('abort', kill, { once: true });
    try {
      child.stdin.on('error', () => undefined); // A program may end before it has read all of its input.
      child.stdin.end(input);
      const outputs = Promise.all([buffer(child.stdout), buffer(child.stderr)]);
      outputs.catch(() => undefined);
      const status = await statusOf(child);
      if (status === 127 && child.pid === undefined) return missing(file, expect);
      const [out, err] = await outputs;
      signal.throwIfAborted();
      const result = { status, stdout: out.toString('utf8'), stdoutBytes: out, stderr: err.toString('utf8') };
      if (expect && !expect.includes(status)) throw failed(file, args, result);
      return result;
    } finally {
      signal.removeEventListener('abort', kill);
    }
  };
}

/** Starts programs on this machine; all are killed when `signal` aborts. */
export function createStart(signal: AbortSignal): Start {
  return (file, args, { cwd, env } = {}) => {
    signal.throwIfAborted();
    const child = spawn(file, args, { cwd, env: variables(env), detached: true, stdio: 'pipe' });
    const kill = () => {
      killGroup(child.pid);
    };
    signal.addEventListener('abort', kill, { once: true });
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', () => undefined);
    const ended = statusOf(child);
    void ended.then(() => {
      signal.removeEventListener('abort', kill);
    });
    return { stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, ended, kill };
  };
}

async function statusOf(child: ReturnType<typeof spawn>): Promise<number> {
  try {
    const [code, signalName] = (await once(child, 'close')) as [number | null, string | null];
    return code ?? 128 + (SIGNAL_NUMBERS[signalName ?? ''] ?? 0);
  } catch {
    return 127;
  }
}

function variables(env: ExecOptions['env']): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C.UTF-8', ...env };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function missing(file: string, expect: readonly number[] | undefined): ExecResult {
  if (expect && !expect.includes(127)) throw new RestageError('exec/not-found', `there is no program ${file}`);
  return { status: 127, stdout: '', stdoutBytes: Buffer.alloc(0), stderr: '' };
}

function failed(file: string, args: readonly string[], { status, stderr }: ExecResult): RestageError {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return new RestageError('exec/failed', `${file} ended with ${status}${last && `: ${last}`}`, {
    details: { file, args, status, stderr: stderr.slice(-4000) },
  });
}
