import type { StopScope } from '../model/session.ts';
import type { ProcessIdentity, ProcessStat } from '../platform/host.ts';
import type { SessionContext } from './context.ts';
import { readMarks } from './status.ts';

/** Whose processes are looked for. */
export interface TreeRoot {
  /** Processes that are known to belong to the unit; those that have ended by now prove nothing. */
  readonly known: readonly ProcessIdentity[];
  readonly launch: string;
  readonly scope: StopScope;
}

type TreeContext = Pick<SessionContext, 'proc' | 'host'>;

/** A process with the launch that it says it comes from. */
interface Row extends ProcessStat {
  readonly pid: number;
  readonly launch: string | undefined;
}

/** All living processes but this command, by pid, as they were at one moment. */
export type ProcessTable = ReadonlyMap<number, Row>;

/** Reads the table of all processes. */
export function readProcessTable({ proc, host }: TreeContext): ProcessTable {
  const rows = new Map<number, Row>();
  for (const pid of proc.pids()) {
    const stat = pid === host.pid ? undefined : proc.stat(pid);
    if (stat && stat.state !== 'Z')
      rows.set(pid, { pid, ...stat, launch: readMarks(proc.text(pid, 'environ'))?.launch });
  }
  return rows;
}

/**
 * The living processes of a unit, each by its identity.
 *
 * A process belongs to it for certain, or not at all: it carries the launch id; or it shares the session or the group of
 * a process that does belong and lives right now, since the kernel does not give such a number away while it is in use;
 * or it descends from one. What carries the id of another launch belongs to that one, and this command to nobody.
 */
export function treeMembers(
  { known, launch, scope }: TreeRoot,
  { host }: TreeContext,
  rows: ProcessTable,
): ProcessIdentity[] {
  if (scope === 'none') return [];
  const certain = new Set<Row>();
  for (const { pid, startTicks } of known) {
    const row = rows.get(pid);
    if (row?.startTicks === startTicks) certain.add(row);
  }
  if (scope !== 'process') grow(certain, rows, launch, scope);
  const { machineId, bootId } = host;
  return Array.from(certain, ({ pid, startTicks }) => ({ machineId, bootId, pid, startTicks }));
}

/** Adds what belongs to the members, until nothing more does. */
function grow(certain: Set<Row>, rows: ProcessTable, launch: string, scope: StopScope): void {
  for (let before = -1; before !== certain.size;) {
    before = certain.size;
    const members = Array.from(certain);
    const groups = new Set(members.map(({ group }) => group));
    const sessions = new Set(members.map(({ session }) => session));
    const pids = new Set(members.map(({ pid }) => pid));
    for (const row of rows.values()) {
      if (row.launch !== undefined && row.launch !== launch) continue;
      const isInTree = row.launch === launch || sessions.has(row.session) || pids.has(row.parent);
      if (groups.has(row.group) || (scope === 'tree' && isInTree)) certain.add(row);
    }
  }
}
