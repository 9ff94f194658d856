import { RestageError } from '../errors.ts';
import type { Version } from '../model/id.ts';
import type { LogEntry } from '../store/contract.ts';
import type { SnapshotContext } from './context.ts';
import { parseReference, nameOfMember, snapMember, UNDO } from './name.ts';
import { findSnapshot } from './find.ts';

/** The saves of the history, newest first. */
export interface SaveLog {
  readonly schema: 'restage/log/1';
  readonly saves: readonly LoggedSave[];
}

/** One change of a snapshot in the history. */
export interface LoggedSave {
  readonly name: string;
  readonly change: 'save' | 'purge';
  readonly version: Version;
  readonly seq: number;
  /** ms since the epoch. */
  readonly time: number;
  readonly producer: string;
  readonly subject: string;
}

/** What is to be listed. */
export interface LogRequest {
  /** Absent: all names but `undo`. */
  readonly snapshot?: string | undefined;
  readonly limit: number;
}

/** Lists the saves of one name (as a file recorded it), or of all. */
export async function logSaves(request: LogRequest, context: SnapshotContext): Promise<SaveLog> {
  const saves = request.snapshot === undefined ? await allSaves(context) : await savesOf(request.snapshot, context);
  return { schema: 'restage/log/1', saves: saves.slice(0, request.limit) };
}

async function allSaves({ store }: SnapshotContext): Promise<LoggedSave[]> {
  const saves: LoggedSave[] = [];
  for await (const entry of store.log(1, { prefix: 'snapshots' })) {
    saves.push(...savesIn(entry).filter(({ name }) => name !== UNDO));
  }
  return saves.reverse();
}

async function savesOf(text: string, context: SnapshotContext): Promise<LoggedSave[]> {
  const { base, isPath } = parseReference(text);
  const name = base === UNDO ? UNDO : await recordedName(base, isPath, context);
  const entries = await context.store.history(snapMember(name));
  if (entries.length === 0) {
    throw new RestageError('snapshot/unknown', `the history has no save of ${name}`, { details: { name } });
  }
  return entries.flatMap((entry) => savesIn(entry).filter((one) => one.name === name));
}

async function recordedName(base: string, isPath: boolean, context: SnapshotContext): Promise<string> {
  try {
    return (await findSnapshot(base, context)).snapshot.record.name;
  } catch (error) {
    // A name whose snapshot is gone or damaged still has its history.
    if (isPath || !(error instanceof RestageError)) throw error;
    return base;
  }
}

function savesIn(entry: LogEntry): LoggedSave[] {
  const { version, seq, time, producer, subject, changes } = entry;
  return changes.flatMap(({ path, change }) => {
    const name = nameOfMember(path);
    if (name === undefined) return [];
    return [{ name, change: change === 'put' ? 'save' : 'purge', version, seq, time, producer, subject } as const];
  });
}
