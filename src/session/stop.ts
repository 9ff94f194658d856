import { RestageError } from '../errors.ts';
import { parseDuration } from '../model/duration.ts';
import type { ProcessRecord } from '../model/process-record.ts';
import type { UnitDefinition } from '../model/session.ts';
import type { ProcessIdentity } from '../platform/host.ts';
import type { SignalName } from '../platform/process.ts';
import type { SessionContext } from './context.ts';
import { removeRecord, writeRecord } from './record.ts';
import { readProcessTable, treeMembers, type TreeRoot } from './tree.ts';

/** First and last pause between two looks whether the processes are gone, in ms. */
const PAUSE_MS = { first: 2, last: 40 } as const;

/** What is to be stopped: the record of a launch, and processes that are known to belong to it. */
export interface StopTarget {
  readonly record: ProcessRecord;
  readonly known: readonly ProcessIdentity[];
  readonly stop: UnitDefinition['stop'];
}

/**
 * Stops the processes of a launch: each signal of the definition in turn, and after each the time that it gives.
 *
 * That it is being stopped is made durable first. Every process is looked at again right before each signal, and those
 * that appear meanwhile are stopped too.
 *
 * @returns the number of processes that were signalled
 * @throws {RestageError} `session/still-running` if some live on after the last signal
 */
export async function stopProcesses({ record, known, stop }: StopTarget, context: SessionContext): Promise<number> {
  await writeRecord({ ...record, phase: 'stopping' }, context);
  const touched = new Map<string, ProcessIdentity>(known.map((identity) => [keyOf(identity), identity]));
  let alive: readonly ProcessIdentity[] = [];
  for (const { signal, waitMs } of stop.signals.map(parseStopSignal)) {
    const root: TreeRoot = { known: [], launch: record.launch, scope: stop.scope };
    alive = await signalUntilGone(root, touched, { signal, waitMs }, context);
    if (alive.length === 0) break;
  }
  if (alive.length > 0) {
    const pids = alive.map(({ pid }) => pid);
    throw new RestageError('session/still-running', `${record.name} lives on as ${pids.join(', ')}`, {
      details: { pids },
    });
  }
  await removeRecord(record.name, context);
  return touched.size;
}

/** Reads `TERM 10s`; the schema has checked it. */
export function parseStopSignal(text: string): { readonly signal: SignalName; readonly waitMs: number } {
  const [name = 'TERM', ...time] = text.split(/ +/);
  return { signal: `SIG${name.replace(/^SIG/, '')}` as SignalName, waitMs: parseDuration(time.join(' ')) ?? 0 };
}

/** Sends one signal to all that belong, once each, and waits until none is left or the time is over. */
async function signalUntilGone(
  root: TreeRoot,
  touched: Map<string, ProcessIdentity>,
  { signal, waitMs }: { readonly signal: SignalName; readonly waitMs: number },
  context: SessionContext,
): Promise<readonly ProcessIdentity[]> {
  const { clock, processes } = context;
  const sent = new Set<string>();
  const end = clock.monotonic() + waitMs;
  for (let pause: number = PAUSE_MS.first; ; pause = Math.min(pause * 2, PAUSE_MS.last)) {
    // A look at every process only where the known ones say nothing: most of the time they just need a moment.
    const isAnyoneLeft = Array.from(touched.values()).some((identity) => processes.state(identity) === 'alive');
    const members = isAnyoneLeft && sent.size > 0 && pause < PAUSE_MS.last ? [] : membersNow(root, touched, context);
    for (const identity of members) {
      const key = keyOf(identity);
      touched.set(key, identity);
      if (!sent.has(key)) processes.signal(identity, signal);
      sent.add(key);
    }
    const alive = Array.from(touched.values()).filter((identity) => processes.state(identity) === 'alive');
    if (alive.length === 0 && members.length === 0) return [];
    if (clock.monotonic() >= end) return alive;
    await clock.sleep(pause);
  }
}

function membersNow(
  root: TreeRoot,
  touched: ReadonlyMap<string, ProcessIdentity>,
  context: SessionContext,
): ProcessIdentity[] {
  return treeMembers({ ...root, known: Array.from(touched.values()) }, context, readProcessTable(context));
}

function keyOf({ pid, startTicks }: ProcessIdentity): string {
  return `${pid}:${startTicks}`;
}
