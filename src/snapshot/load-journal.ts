import { join } from 'node:path';
import { z } from 'zod';
import { RestageError } from '../errors.ts';
import type { LayerKind, Digest, Version } from '../model/id.ts';
import { LAYER_KINDS } from '../model/id.ts';
import { DigestText } from '../model/digest.ts';
import { LayerSettings } from '../model/request.ts';
import { VersionText } from '../model/snapshot.ts';
import type { ProcessIdentity } from '../platform/host.ts';
import type { SnapshotContext } from './context.ts';

/** Who loads: the only safe name of a process, and what a person wants to know of it. */
export const LoadOwner = z.strictObject({
  machineId: z.string(),
  bootId: z.string(),
  pid: z.number(),
  startTicks: z.number(),
  host: z.string(),
  user: z.string(),
});

/** Who loads. */
export type LoadOwner = z.infer<typeof LoadOwner>;

/** First record of a load: who loads what. `undo` is the undo save that an interrupted load before it had made. */
export const LoadBegin = z.strictObject({
  record: z.literal('begin'),
  owner: LoadOwner,
  /** ms since the epoch. */
  at: z.number(),
  verb: z.enum(['load', 'undo']),
  name: z.string(),
  version: VersionText.optional(),
  digest: DigestText,
  only: z.array(z.enum(LAYER_KINDS)).optional(),
  settings: LayerSettings,
  undo: VersionText.optional(),
});

/** First record of a load: who loads what. */
export type LoadBegin = z.infer<typeof LoadBegin>;

/** One record of a load. An `intent` is durable before its step begins; whoever finds it alone repeats the step. */
export const LoadRecord = z.discriminatedUnion('record', [
  LoadBegin,
  z.strictObject({ record: z.literal('undo'), version: VersionText }),
  z.strictObject({
    record: z.literal('intent'),
    index: z.number(),
    layer: z.enum(LAYER_KINDS),
    action: z.string(),
    item: z.string(),
  }),
  z.strictObject({ record: z.literal('done'), index: z.number() }),
  z.strictObject({ record: z.literal('failed'), index: z.number(), code: z.string() }),
  /** The owner stopped on purpose, at Ctrl-C or the deadline, and lets go. */
  z.strictObject({ record: z.literal('stopped') }),
  z.strictObject({ record: z.literal('end') }),
]);

/** One record of a load. */
export type LoadRecord = z.infer<typeof LoadRecord>;

/** A load that began and has not ended. */
export interface UnfinishedLoad {
  readonly verb: 'load' | 'undo';
  readonly name: string;
  readonly version?: Version | undefined;
  readonly digest: Digest;
  readonly only?: readonly LayerKind[] | undefined;
  /** ms since the epoch. */
  readonly at: number;
  readonly owner: LoadOwner;
  /** Whether the owner said that it stopped, although it may live on. */
  readonly isStopped: boolean;
  /** The state before it; absent while nothing has been touched. */
  readonly undo?: Version | undefined;
  readonly stepsBegun: number;
  readonly stepsDone: number;
}

/** Where the journal of the present load of a workspace stands. */
export function loadJournalPath({ state }: Pick<SnapshotContext, 'state'>): string {
  return join(state, 'journal', 'load.jsonl');
}

/** Reads what the records of a journal say; `undefined` if the load has ended or touched nothing. Pure. */
export function unfinishedLoad(records: readonly unknown[]): UnfinishedLoad | undefined {
  let begin: LoadBegin | undefined;
  let undo: Version | undefined;
  let [stepsBegun, stepsDone, isStopped] = [0, 0, false];
  for (const value of records) {
    const read = LoadRecord.safeParse(value);
    if (!read.success) continue; // Of a newer restage: what it adds does not change what we know.
    const record = read.data;
    if (record.record === 'begin') [begin, undo] = [record, record.undo];
    if (record.record === 'undo') undo = record.version;
    if (record.record === 'intent') stepsBegun++;
    if (record.record === 'done') stepsDone++;
    if (record.record === 'stopped') isStopped = true;
    if (record.record === 'end') return undefined;
  }
  if (!begin) return undefined;
  const { verb, name, version, digest, only, at, owner } = begin;
  return { verb, name, version, digest, only, at, owner, isStopped, undo, stepsBegun, stepsDone };
}

/**
 * The load that a crash left unfinished in this workspace; `undefined` if there is none.
 *
 * One that has made no undo save has touched nothing, and counts as none.
 *
 * @throws {RestageError} `load/busy` if `refuseRunning` and its process still works, here or on another host
 */
export async function findInterruptedLoad(
  context: Pick<SnapshotContext, 'state' | 'journals' | 'ownerState'>,
  { refuseRunning = false } = {},
): Promise<UnfinishedLoad | undefined> {
  const load = unfinishedLoad(await context.journals.read(loadJournalPath(context)));
  if (!load) return undefined;
  const state = load.isStopped ? 'gone' : context.ownerState(load.owner);
  if (state !== 'gone') {
    if (refuseRunning) throw busy(load.owner, state);
    return undefined;
  }
  return load.undo === undefined ? undefined : load;
}

/** @throws {RestageError} `load/busy` while a process of this host loads here: what is half loaded is no state to save */
export async function refuseDuringLoad(
  context: Pick<SnapshotContext, 'state' | 'journals' | 'ownerState'>,
): Promise<void> {
  const load = unfinishedLoad(await context.journals.read(loadJournalPath(context)));
  if (load && !load.isStopped && context.ownerState(load.owner) === 'alive') throw busy(load.owner, 'alive');
}

/** The error for a load that another process is performing, or may be. */
export function busy(owner: LoadOwner, state: 'alive' | 'elsewhere'): RestageError {
  const { user, host, pid } = owner;
  if (state === 'alive') {
    return new RestageError('load/busy', `${user} is loading in this workspace (process ${pid})`, {
      details: { ...owner },
    });
  }
  return new RestageError('load/busy', `${user} began a load in this workspace on host ${host} (process ${pid})`, {
    hint: `Look on ${host} whether it still runs, and finish or undo it there; if that host is gone for good, remove .restage/journal/load.*`,
    details: { ...owner },
  });
}

/** The identity of this process, as a journal keeps it. */
export function ownerOf({ host }: Pick<SnapshotContext, 'host'>): LoadOwner & ProcessIdentity {
  const { machineId, bootId, pid, startTicks, name, user } = host;
  return { machineId, bootId, pid, startTicks, host: name, user };
}
