import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Context } from '../../src/platform/context.ts';
import { readProcessStat } from '../../src/platform/host.ts';
import { createProc } from '../../src/platform/proc.ts';
import { createProcesses } from '../../src/platform/process.ts';
import { createSession, type Session } from '../../src/session/commands.ts';
import { sessionContext, type SessionContext, type SessionTools } from '../../src/session/context.ts';
import { StartRequest } from '../../src/model/session-request.ts';
import type { StartReport, UnitView } from '../../src/model/session-report.ts';
import { testContext, type TestContext } from './context.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A workspace with a session and real processes. Everything of it is gone when disposed, whatever a test did. */
export interface SessionRig extends AsyncDisposable {
  readonly path: string;
  readonly context: SessionContext;
  readonly session: Session;
  readonly abort: TestContext['abort'];
  /** The same session as another command sees it, with other effects. */
  readonly as: (overrides: Partial<SessionContext>) => Session;
  /** Starts a program as `session start -- ARGV` does. */
  readonly start: (argv: readonly string[], options?: Partial<StartRequest>) => Promise<StartReport>;
  readonly view: (unit: string) => Promise<UnitView>;
  readonly read: (path: string) => string;
  readonly write: (path: string, text: string, mode?: number) => void;
  /** The living processes that say in their environment that they belong to this workspace. */
  readonly processes: () => number[];
}

/** The real tools of this machine. */
export function sessionTools(context: Pick<Context, 'host'>): SessionTools {
  return { proc: createProc(), processes: createProcesses(context.host) };
}

/** Makes one. */
export async function sessionRig(overrides: Partial<Context> = {}): Promise<SessionRig> {
  const directory = temporaryDirectory();
  const path = join(directory.path, 'work');
  mkdirSync(join(path, '.restage'), { recursive: true });
  const test = testContext(overrides);
  const context = sessionContext(test, sessionTools(test), { workspace: path, state: join(path, '.restage') });
  const session = createSession(context);
  await session.init();
  return {
    ...{ path, context, session, abort: test.abort },
    as: (changes) => createSession({ ...context, ...changes }),
    start: (argv, options = {}) =>
      session.start({ ...StartRequest.parse({ argv: [...argv], ...options }), directory: path }),
    view: async (unit) => {
      const [view] = (await session.show({ units: [unit], fp: true })).units;
      if (!view) throw new Error(`there is no unit ${unit}`);
      return view;
    },
    read: (file) => readFileSync(join(path, file), 'utf8'),
    write: (file, text, mode = 0o644) => {
      mkdirSync(dirname(join(path, file)), { recursive: true });
      writeFileSync(join(path, file), text, { mode });
    },
    processes: () => processesWith(`RESTAGE_WORKSPACE=${path}`),
    [Symbol.asyncDispose]: async () => {
      for (const pid of processesWith(`RESTAGE_WORKSPACE=${path}`)) kill(pid);
      await until(
        'all processes of the test have ended',
        () => processesWith(`RESTAGE_WORKSPACE=${path}`).length === 0,
      );
      directory[Symbol.dispose]();
    },
  };
}

/** The living processes whose environment has an entry. */
export function processesWith(entry: string): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const isOne = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0').includes(entry);
      return isOne && isAlive(Number(name)) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/** Whether a process is there and no zombie. */
export function isAlive(pid: number): boolean {
  const stat = readProcessStat(pid);
  return stat !== undefined && stat.state !== 'Z';
}

/** Ends a process as a crash would. */
export function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

/** Looks until something is so; fails with `what` if it is not in time. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    if (await isSo()) return;
    await delay(10);
  }
  throw new Error(`not in time: ${what}`);
}
