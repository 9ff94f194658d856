import { RestageError } from '../errors.ts';
import type { Context } from '../platform/context.ts';
import type { Proc } from '../platform/proc.ts';
import type { Processes } from '../platform/process.ts';
import { sessionPaths, type SessionPaths } from './workspace.ts';

/** The effects that only sessions need: `/proc`, and processes that outlive a command. */
export interface SessionTools {
  readonly proc: Proc;
  readonly processes: Processes;
}

/** All that the session of one workspace may touch. */
export interface SessionContext
  extends Pick<Context, 'files' | 'clock' | 'random' | 'host' | 'variables' | 'signal'>, SessionTools {
  readonly paths: SessionPaths;
}

/** Where a session lies. */
export interface SessionPlace {
  /** The directory that holds `.restage/`, absolute. */
  readonly workspace: string;
  /** `.restage/` itself. */
  readonly state: string;
}

/** Binds the effects of a command to the session of a workspace. */
export function sessionContext(
  { files, clock, random, host, variables, signal }: Omit<SessionContext, 'paths' | keyof SessionTools>,
  { proc, processes }: SessionTools,
  { workspace, state }: SessionPlace,
): SessionContext {
  return { files, clock, random, host, variables, signal, proc, processes, paths: sessionPaths(workspace, state) };
}

/** Refuses a workspace without a session. @throws {RestageError} `session/missing` */
export async function requireSession({ files, paths }: SessionContext): Promise<void> {
  if (await files.exists(paths.sessionFile)) return;
  throw new RestageError('session/missing', `there is no session in ${paths.workspace}`);
}
