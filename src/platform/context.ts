import type { Emit } from '../model/event.ts';
import type { Clock } from './clock.ts';
import type { Exec, Start } from './exec.ts';
import type { Files } from './files.ts';
import type { Host } from './host.ts';
import type { Random } from './random.ts';
import type { StartSliceWork } from './workers.ts';

/** All effects, bound to one place and one run. A function asks for those it needs: `Pick<Context, 'exec'>`. */
export interface Context {
  readonly exec: Exec;
  readonly start: Start;
  readonly files: Files;
  /** HTTP as a client. Every request ends when `signal` aborts. */
  readonly fetch: (url: string, init?: RequestInit) => Promise<Response>;
  readonly clock: Clock;
  readonly random: Random;
  /** Threads for hashing and coding; where there are none, the work is done in the thread that wants it. */
  readonly sliceWork?: StartSliceWork;
  readonly host: Host;
  /** The environment variables of the command. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Aborts at Ctrl-C and at the deadline, with a `RestageError` as its reason. */
  readonly signal: AbortSignal;
  readonly emit: Emit;
}
