import { join } from 'node:path';
import { RestageError } from '../errors.ts';
import type { Digest, LayerKind, Version } from '../model/id.ts';
import { redactText } from '../model/redact.ts';
import type { SaveRequest } from '../model/request.ts';
import type { KeptRecord, NotKeptRecord, Snapshot, UnresolvedRecord } from '../model/snapshot.ts';
import { timeText } from '../model/time.ts';
import { captureLayers, layersOf, type CaptureLayers, type CapturedLayers } from './capture-layers.ts';
import { commitSave } from './commit-save.ts';
import { createContent } from './content.ts';
import type { SnapshotContext } from './context.ts';
import { ensureExcluded } from './exclude.ts';
import { keptBytesOf } from './kept-bytes.ts';
import { removeLeftovers } from './leftovers.ts';
import { refuseDuringLoad } from './load-journal.ts';
import { mirrorSave } from './mirror.ts';
import { checkName, snapMember } from './name.ts';
import { decodeSnapshot, encodeSnapshot, reseal, sealSnapshot } from './snap-file.ts';

/** What a save made. */
export interface Saved {
  readonly schema: 'restage/save/1';
  readonly name: string;
  readonly version: Version;
  readonly digest: Digest;
  /** The user's file. */
  readonly file: string;
  /** The second place that has it too, by `[store] mirror`. */
  readonly mirror?: string | undefined;
  readonly layers: readonly LayerKind[];
  readonly skipped: CapturedLayers['skipped'];
  /** Content that the store keeps for it, in bytes. */
  readonly keptBytes: number;
  readonly notKept: readonly NotKeptRecord[];
  readonly unresolved: readonly UnresolvedRecord[];
}

/**
 * Saves the present state: captures the layers, commits them as one version, then writes `NAME.snap`.
 *
 * The commit is the save: a crash before it leaves nothing, a crash after it leaves the snapshot in the store, where
 * `NAME` is found without a file.
 */
export async function save(request: SaveRequest, context: SnapshotContext): Promise<Saved> {
  const name = checkName(request.name);
  const file = join(context.directory, `${name}.snap`);
  await refuseDuringLoad(context);
  await refuseForeignFile(file, context);
  await ensureExcluded(context);
  const { snapshot, skipped } = await takeSnapshot({ ...request, purpose: 'save' }, name, context);
  const version = await commitSave(snapshot, context);
  await removeLeftovers(file, context);
  await context.files.write(file, encodeSnapshot(reseal(snapshot, { version })));
  const mirror = await mirrorSave(snapshot, context);
  const { record, digest } = snapshot;
  return {
    ...{ schema: 'restage/save/1', name, version, digest, file, skipped, mirror },
    layers: context.layers.map(({ kind }) => kind).filter((kind) => snapshot.layers[kind] !== undefined),
    keptBytes: keptBytesOf(snapshot),
    ...{ notKept: record.notKept, unresolved: record.unresolved },
  };
}

/** Captures layers into a sealed snapshot that is not committed yet. */
export async function takeSnapshot(
  request: CaptureLayers & { readonly message?: string | undefined },
  name: string,
  context: SnapshotContext,
): Promise<{ readonly snapshot: Snapshot; readonly skipped: CapturedLayers['skipped'] }> {
  const content = createContent(context.store);
  const { captured, skipped } = await captureLayers(request, context, content);
  refuseAbsent(request, skipped);
  const { purpose, settings } = request;
  const message = request.message === undefined ? undefined : redactText(request.message);
  const snapshot = sealSnapshot(layersOf(captured), {
    ...{ name, id: context.random.uuid(), store: context.store.description.id, savedAt: timeText(context.clock.now()) },
    ...{ savedBy: context.host.user, host: context.host.name, ...(message !== undefined && { message }) },
    kept: captured.flatMap(({ kind, capture }) => capture.kept.map((kept): KeptRecord => ({ layer: kind, ...kept }))),
    notKept: captured.flatMap(({ kind, capture }) => capture.notKept.map((one) => ({ layer: kind, ...one }))),
    unresolved: captured.flatMap(({ kind, capture }) => capture.unresolved.map((one) => ({ layer: kind, ...one }))),
    skipped: [...skipped],
    durations: Object.fromEntries(captured.map(({ kind, duration }) => [kind, duration])),
    layers: Object.fromEntries(
      captured.flatMap(({ kind, capture }) => (capture.record === undefined ? [] : [[kind, capture.record]])),
    ),
    ...(purpose === 'undo' && { settings }),
  });
  return { snapshot, skipped };
}

/**
 * A file that a save would replace must be in the store, as what it was saved as: a snapshot of another store that was
 * not taken in, a damaged one and what is none would be lost.
 */
async function refuseForeignFile(file: string, { files, store }: SnapshotContext): Promise<void> {
  if (!(await files.exists(file))) return;
  const refused = (why: string) =>
    new RestageError('snapshot/exists', `there is already a ${file}, ${why}`, {
      hint: 'Move the file away, or choose another name',
      details: { file },
    });
  const { record, digest } = await readSnapshot(file, files).catch((error: unknown) => {
    throw error instanceof RestageError ? refused('which is no whole snapshot') : error;
  });
  const stored = await store.history(snapMember(record.name));
  if (!stored.some(({ trailers }) => trailers['Snapshot'] === `${record.name} ${digest}`))
    throw refused('which this store does not have');
}

async function readSnapshot(file: string, files: SnapshotContext['files']): Promise<Snapshot> {
  return decodeSnapshot(await files.read(file), file);
}

/** What was asked for by name must be there, and a snapshot of nothing is none. */
function refuseAbsent({ only }: CaptureLayers, skipped: CapturedLayers['skipped']): void {
  const [first] = skipped;
  if (!first) return;
  if (only) throw new RestageError('layer/unavailable', `no ${first.layer} here: ${first.reason}`, { details: first });
  if (skipped.length < 4) return;
  const reasons = skipped.map(({ layer, reason }) => `${layer}: ${reason}`).join('; ');
  throw new RestageError('layer/unavailable', `there is nothing to save here (${reasons})`, { details: { skipped } });
}
