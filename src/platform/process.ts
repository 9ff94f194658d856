import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { ownerState, readProcessStat, type Host, type ProcessIdentity } from './host.ts';

/**
 * Processes that outlive the command that started them: a unit of a session is never a child that must be waited for.
 *
 * `launch` answers when the program has been executed, and says which process it is. The process leads a session of its
 * own, has the given variables and no other, reads nothing, and writes straight into its two files, which are opened
 * for appending. `signal` looks at the identity again right before it sends: what does not match is never signalled.
 */
export interface Processes {
  readonly launch: (launch: Launch) => Promise<Launched | LaunchFailure>;
  readonly signal: (identity: ProcessIdentity, name: SignalName) => SignalOutcome;
  /** Whether a process lives; a zombie does not; `elsewhere`: another machine has to be asked. */
  readonly state: (identity: ProcessIdentity) => 'alive' | 'gone' | 'elsewhere';
}

/** How a process is started. All paths are absolute. */
export interface Launch {
  readonly program: string;
  /** With the name of the program, as the process itself will see it, in front. */
  readonly argv: readonly string[];
  readonly directory: string;
  readonly variables: Readonly<Record<string, string>>;
  /** Take what it prints; made if need be, continued if they are there. */
  readonly out: string;
  readonly err: string;
}

/** A process that was started. While this command goes on it hears of its end; it never has to. */
export interface Launched {
  readonly identity: ProcessIdentity;
  /** How it ended. Never rejects, and does not keep this command alive. */
  readonly ended: Promise<ProcessEnd>;
}

/** How a process ended: by itself with a status, or by a signal. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The kernel's word for why a program could not be executed, such as `ENOENT`. */
export interface LaunchFailure {
  readonly failure: string;
}

/** A signal by its name, such as `SIGTERM`. */
export type SignalName = NodeJS.Signals;

/** What came of a signal: `gone` and `elsewhere` were not sent one. */
export type SignalOutcome = 'sent' | 'gone' | 'elsewhere' | 'denied';

/** The processes of this machine. */
export function createProcesses(host: Host): Processes {
  return {
    launch: (launch) => start(launch, host),
    signal: (identity, name) => {
      const state = ownerState(identity, host);
      return state === 'alive' ? send(identity.pid, name) : state;
    },
    state: (identity) => ownerState(identity, host),
  };
}

async function start(launch: Launch, host: Host): Promise<Launched | LaunchFailure> {
  const { program, argv, directory, variables } = launch;
  const [argv0 = program, ...args] = argv;
  const out = openSync(launch.out, 'a');
  const err = openSync(launch.err, 'a');
  try {
    const child = spawn(program, args, {
      ...{ argv0, cwd: directory, env: { ...variables }, detached: true },
      stdio: ['ignore', out, err],
    });
    // Nothing may come between: once the loop turns, an early death is reaped and its start ticks are lost.
    const startTicks = child.pid === undefined ? undefined : readProcessStat(child.pid)?.startTicks;
    const ended = new Promise<ProcessEnd>((resolve) => {
      child.once('exit', (code, signal) => {
        resolve({ code, signal });
      });
    });
    const failed = once(child, 'error').then(([error]: unknown[]) => error);
    const spawned = once(child, 'spawn');
    spawned.catch(() => undefined);
    failed.catch(() => undefined);
    if (child.pid === undefined || startTicks === undefined) return { failure: codeOf(await failed) };
    await spawned;
    child.unref();
    const { machineId, bootId } = host;
    return { identity: { machineId, bootId, pid: child.pid, startTicks }, ended };
  } catch (error) {
    return { failure: codeOf(error) };
  } finally {
    closeSync(out);
    closeSync(err);
  }
}

function send(pid: number, name: SignalName): SignalOutcome {
  try {
    process.kill(pid, name);
    return 'sent';
  } catch (error) {
    return codeOf(error) === 'EPERM' ? 'denied' : 'gone';
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : String(error);
}
