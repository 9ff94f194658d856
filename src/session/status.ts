import type { ExitRecord, ProcessRecord } from '../model/process-record.ts';
import type { ProcessIdentity, ProcessStat } from '../platform/host.ts';
import type { Proc } from '../platform/proc.ts';
import type { SessionContext } from './context.ts';

/** The variable by which a process says which launch it comes from. */
export const LAUNCH_VARIABLE = 'RESTAGE_LAUNCH';

/**
 * What is known of a unit at this moment.
 *
 *   inactive ── record ──▶ starting ── identity ──▶ running ──▶ exited   somebody saw how it ended
 *      ▲                      │                        ├──────▶ lost     nobody did
 *      └───────── stop ───────┴────────────────────────┘
 *
 * `unknown`: its record belongs to another machine, which alone can tell. `ambiguous`: it may be one of several
 * processes, none of which is touched. A record of another boot is as good as none.
 */
export type UnitStatus =
  | { readonly is: 'inactive' }
  /** A command that lives is about to launch it. */
  | { readonly is: 'starting'; readonly by: number }
  | { readonly is: 'running'; readonly identity: ProcessIdentity; readonly record: ProcessRecord }
  | {
      readonly is: 'exited';
      readonly code: number | null;
      readonly signal: string | null;
      readonly leftovers: readonly ProcessIdentity[];
    }
  /** `leftovers`: processes of its launch that go on without it. */
  | { readonly is: 'lost'; readonly leftovers: readonly ProcessIdentity[] }
  | { readonly is: 'unknown'; readonly host: string }
  | { readonly is: 'ambiguous'; readonly candidates: readonly number[] };

/** A process that says in its environment which launch it comes from. */
export interface MarkedProcess extends ProcessStat, LaunchMarks {
  readonly pid: number;
}

/** What a launch leaves in the environment of its processes. */
export interface LaunchMarks {
  readonly launch: string;
  readonly name: string | undefined;
  readonly workspace: string | undefined;
}

type StatusContext = Pick<SessionContext, 'proc' | 'processes' | 'host'>;

/** How long after its record a process may have been forked, in clock ticks. */
const LAUNCH_WINDOW_TICKS = 1000;

/** Looks at the environment of every process once. A process that has ended, zombies included, has none. */
export function sweepMarks({ pids, stat, text }: Proc): readonly MarkedProcess[] {
  return pids().flatMap((pid) => {
    const marks = readMarks(text(pid, 'environ'));
    const found = marks && stat(pid);
    return found && found.state !== 'Z' ? [{ pid, ...found, ...marks }] : [];
  });
}

/** Reads the marks of a launch in the text of `/proc/PID/environ`. */
export function readMarks(environ: string | undefined): LaunchMarks | undefined {
  if (environ?.includes(`${LAUNCH_VARIABLE}=`) !== true) return undefined;
  const entries = environ.split('\0');
  const value = (key: string) => entries.find((entry) => entry.startsWith(`${key}=`))?.slice(key.length + 1);
  const launch = value(LAUNCH_VARIABLE);
  return launch === undefined
    ? undefined
    : { launch, name: value('RESTAGE_NAME'), workspace: value('RESTAGE_WORKSPACE') };
}

/** The first of the processes that lead a session and whose parent is none of them: what was launched. */
export function findLeader(marked: readonly MarkedProcess[]): MarkedProcess | undefined {
  return leadersOf(marked).sort(byStart)[0];
}

/** Says what is known of a unit. Pure but for its look at `/proc`; changes nothing, signals nothing. */
export function examine(
  record: ProcessRecord | undefined,
  exit: ExitRecord | undefined,
  context: StatusContext,
  marks: () => readonly MarkedProcess[],
): UnitStatus {
  if (!record) return exit ? { is: 'exited', code: exit.code, signal: exit.signal, leftovers: [] } : { is: 'inactive' };
  const { host, processes } = context;
  if (record.machineId !== host.machineId) return { is: 'unknown', host: record.host };
  if (record.bootId !== host.bootId) return { is: 'inactive' };
  if (record.identity && processes.state(record.identity) === 'alive') {
    return { is: 'running', identity: record.identity, record };
  }
  const marked = marks().filter(({ launch }) => launch === record.launch);
  if (!record.identity) return examineStarting(record, marked, context);
  // What has left the session of the first process went into the background on purpose: that is the unit now.
  const [daemon] = marked.filter(({ session }) => session !== record.identity?.pid).sort(byStart);
  if (daemon) return { is: 'running', identity: identityOf(daemon, context), record };
  const leftovers = marked.map((process) => identityOf(process, context));
  if (record.phase === 'stopping' && leftovers.length === 0) return { is: 'inactive' };
  if (exit?.launch !== record.launch) return { is: 'lost', leftovers };
  return { is: 'exited', code: exit.code, signal: exit.signal, leftovers };
}

/** A launch was announced and its end was not recorded: perhaps there is a process, perhaps not. */
function examineStarting(record: ProcessRecord, marked: readonly MarkedProcess[], context: StatusContext): UnitStatus {
  const [leader, ...others] = leadersOf(marked);
  if (leader && others.length > 0) return { is: 'ambiguous', candidates: marked.map(({ pid }) => pid) };
  if (leader) return { is: 'running', identity: identityOf(leader, context), record };
  if (marked.length > 0) return { is: 'lost', leftovers: marked.map((process) => identityOf(process, context)) };
  if (context.processes.state(record.owner) === 'alive' && record.owner.pid !== context.host.pid) {
    return { is: 'starting', by: record.owner.pid };
  }
  const candidates = unmarkedCandidates(record, context);
  return candidates.length === 0 ? { is: 'inactive' } : { is: 'ambiguous', candidates };
}

/**
 * Processes that may come from a launch and cannot be asked: they lead a session, were forked at the right time, run
 * the right program, and have overwritten their environment, or belong to another user.
 */
function unmarkedCandidates({ ticks, program, argv }: ProcessRecord, { proc }: StatusContext): number[] {
  return proc.pids().filter((pid) => {
    const stat = proc.stat(pid);
    if (stat?.session !== pid || stat.state === 'Z') return false;
    if (stat.startTicks < ticks - 1 || stat.startTicks > ticks + LAUNCH_WINDOW_TICKS) return false;
    const environ = proc.text(pid, 'environ');
    if (environ !== undefined && /(^|\0)[A-Za-z_]\w*=/.test(environ)) return false;
    const exe = proc.link(pid, 'exe');
    if (exe !== undefined) return exe.replace(/ \(deleted\)$/, '') === program.path;
    // Another user's: of it the command line alone can be read.
    const [name] = proc.text(pid, 'cmdline')?.split('\0') ?? [];
    return environ === undefined && (name === argv[0] || name === program.path);
  });
}

function leadersOf(marked: readonly MarkedProcess[]): MarkedProcess[] {
  const pids = new Set(marked.map(({ pid }) => pid));
  return marked.filter(({ pid, session, parent }) => session === pid && !pids.has(parent));
}

/** The lasting name of a process that was seen. */
export function identityOf({ pid, startTicks }: MarkedProcess, { host }: Pick<StatusContext, 'host'>): ProcessIdentity {
  return { machineId: host.machineId, bootId: host.bootId, pid, startTicks };
}

function byStart(a: MarkedProcess, b: MarkedProcess): number {
  return a.startTicks - b.startTicks || a.pid - b.pid;
}
