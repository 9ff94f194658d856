import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { ownerState, readProcessStat, type Host, type ProcessIdentity } from './host.ts';

/**
 * Processes of ours that go on without the one that started them.
 *
 * A process is known by its identity and never by its pid alone. `start` resolves as soon as it has been forked: what
 * it is ready for, it says by a file. `end` asks with TERM and insists with KILL after `graceMs`; it signals nothing
 * whose identity does not match, and answers what the process was when it looked first.
 */
export interface Daemons {
  start(options: StartDaemon): Promise<ProcessIdentity>;
  state(owner: ProcessIdentity): OwnerState;
  end(owner: ProcessIdentity, graceMs: number): Promise<OwnerState>;
}

/** Whether a process lives; `elsewhere`: another machine has to be asked. */
export type OwnerState = ReturnType<typeof ownerState>;

/** How a process is started: our own program with arguments, in a session of its own. */
export interface StartDaemon {
  readonly args: readonly string[];
  readonly directory: string;
  /** Takes all that it prints; made if need be, continued if it is there. */
  readonly log: string;
}

const POLL_MS = 20;

/** Starts and ends processes on this machine; `program` is the command that runs ourselves. */
export function createDaemons(program: readonly [string, ...string[]], host: Host): Daemons {
  return {
    async start({ args, directory, log }) {
      const output = openSync(log, 'a', 0o600);
      try {
        const [file, ...first] = program;
        const child = spawn(file, [...first, ...args], {
          cwd: directory,
          detached: true,
          stdio: ['ignore', output, output],
        });
        await once(child, 'spawn');
        child.unref();
        const pid = child.pid ?? 0;
        const startTicks = readProcessStat(pid)?.startTicks ?? 0;
        return { machineId: host.machineId, bootId: host.bootId, pid, startTicks };
      } finally {
        closeSync(output);
      }
    },
    state: (owner) => ownerState(owner, host),
    async end(owner, graceMs) {
      const first = ownerState(owner, host);
      if (first !== 'alive') return first;
      signal(owner.pid, 'SIGTERM');
      if (await gone(owner, host, graceMs)) return first;
      signal(owner.pid, 'SIGKILL');
      await gone(owner, host, graceMs);
      return first;
    },
  };
}

async function gone(owner: ProcessIdentity, host: Host, limitMs: number): Promise<boolean> {
  const end = performance.now() + limitMs;
  while (performance.now() < end) {
    if (ownerState(owner, host) === 'gone') return true;
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
  return ownerState(owner, host) === 'gone';
}

function signal(pid: number, name: 'SIGTERM' | 'SIGKILL'): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended in between.
  }
}
