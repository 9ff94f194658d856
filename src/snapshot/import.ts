import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { RestageError } from '../errors.ts';
import type { Digest, LayerKind, Version } from '../model/id.ts';
import { LAYER_KINDS } from '../model/id.ts';
import type { NotKeptRecord, Snapshot } from '../model/snapshot.ts';
import { damagedBundle, digestOfEntry, isSealedBundle, readBundle, SNAP_ENTRY, type ReadEntry } from './bundle.ts';
import { commitSave } from './commit-save.ts';
import type { SnapshotContext } from './context.ts';
import { checkName } from './name.ts';
import { decodeSnapshot, encodeSnapshot, reseal } from './snap-file.ts';

/** Which bundle is taken in, and under which name. */
export interface ImportRequest {
  readonly file: string;
  /** Absent: the name it was saved as. */
  readonly name?: string | undefined;
}

/** What was taken in. */
export interface Imported {
  readonly schema: 'restage/import/1';
  readonly name: string;
  readonly digest: Digest;
  readonly version: Version;
  readonly file: string;
  readonly layers: readonly LayerKind[];
  readonly contents: number;
  /** Bytes that the store grew by. */
  readonly newBytes: number;
  readonly notKept: readonly NotKeptRecord[];
}

/** A snapshot with all its layers as text; more is no snapshot of ours. */
const SNAP_LIMIT = 256 * 1024 * 1024;

/**
 * Takes a bundle into the store: first the seal of the whole file, then every content with its digest, then one commit.
 *
 * Until the commit nothing is visible. Nothing in the bundle is used as a path, and no link is followed.
 *
 * @throws {RestageError} `bundle/damaged` naming what is, `snapshot/exists` if another snapshot has the name here
 */
export async function importSnapshot(request: ImportRequest, context: SnapshotContext): Promise<Imported> {
  const bundle = resolve(context.directory, request.file);
  const stat = await context.files.stat(bundle);
  if (stat?.kind !== 'file') throw new RestageError('file/missing', `there is no file ${bundle}`);
  if (bundle.endsWith('.snap')) throw notABundle(bundle);
  if (!(await isSealedBundle(bundle, context.files))) throw await diagnose(bundle, context);
  const { original, newBytes, contents } = await takeIn(bundle, context);
  const name = checkName(request.name ?? original.record.name);
  const file = join(context.directory, `${name}.snap`);
  await refuseOther(file, original, context);
  const snapshot = reseal(original, { version: undefined, name, store: context.store.description.id });
  const version = await commitSave(snapshot, context, ({ digest, size }) => ({ blob: digest, size }));
  await context.files.write(file, encodeSnapshot(reseal(snapshot, { version })));
  const { digest, layers, record } = snapshot;
  return {
    ...{ schema: 'restage/import/1', name, digest, version, file, contents, newBytes, notKept: record.notKept },
    layers: LAYER_KINDS.filter((kind) => layers[kind] !== undefined),
  };
}

/** A `.snap` refers to content that only the store has where it was saved. */
function notABundle(file: string): RestageError {
  return new RestageError('bundle/damaged', `${file} is a snapshot and no bundle of it`, {
    hint: 'Make the bundle where it was saved, with `restage export`; to look into the file itself, use `restage view`',
    details: { file },
  });
}

async function takeIn(bundle: string, { files, store, signal, emit }: SnapshotContext) {
  let original: Snapshot | undefined;
  let newBytes = 0;
  const taken = new Set<string>();
  for await (const entry of readBundle(bundle, files)) {
    signal.throwIfAborted();
    if (!original) {
      original = await readSnap(bundle, entry);
      continue;
    }
    const total = original.record.kept.length;
    emit({ type: 'progress', task: 'import', done: taken.size, total, unit: 'items' });
    const digest = expectedDigest(bundle, entry, original);
    taken.add(digest);
    if (await store.hasBlob(digest)) await entry.skip();
    else {
      const put = await store.putBlob(entry.body);
      if (put.digest !== digest) throw damagedBundle(bundle, `${entry.name} does not match its digest`);
      newBytes += put.newBytes;
    }
  }
  if (!original) throw damagedBundle(bundle, `it has no ${SNAP_ENTRY}`);
  const missing = original.record.kept.find(({ digest }) => !taken.has(digest));
  if (missing) throw damagedBundle(bundle, `it lacks content ${missing.digest}`);
  return { original, newBytes, contents: taken.size };
}

/** Only what the snapshot names, in the size that it names. */
function expectedDigest(bundle: string, { name, size }: ReadEntry, { record }: Snapshot): Digest {
  const digest = digestOfEntry(name);
  const kept = record.kept.find((one) => one.digest === digest);
  if (digest === undefined || !kept) throw damagedBundle(bundle, `${name} is nothing that the snapshot names`);
  if (kept.size !== size) throw damagedBundle(bundle, `${name} has ${size} bytes and not ${kept.size}`);
  return digest;
}

async function readSnap(bundle: string, { name, size, body }: ReadEntry): Promise<Snapshot> {
  if (name !== SNAP_ENTRY || size > SNAP_LIMIT) throw damagedBundle(bundle, `it does not begin with ${SNAP_ENTRY}`);
  const parts: Uint8Array[] = [];
  for await (const part of body) parts.push(part);
  return decodeSnapshot(Buffer.concat(parts), `${SNAP_ENTRY} in ${bundle}`);
}

/** Says which part of a bundle without a good seal is the damaged one. */
async function diagnose(bundle: string, { files, signal }: SnapshotContext): Promise<RestageError> {
  try {
    let isFirst = true;
    for await (const entry of readBundle(bundle, files)) {
      signal.throwIfAborted();
      if (isFirst) await readSnap(bundle, entry);
      else if ((await hashOf(entry)) !== digestOfEntry(entry.name)) {
        return damagedBundle(bundle, `${entry.name} does not match its digest`);
      }
      isFirst = false;
    }
  } catch (error) {
    if (error instanceof RestageError && error.code === 'bundle/damaged') return error;
    if (error instanceof RestageError && error.code.startsWith('snapshot/'))
      return damagedBundle(bundle, error.message);
    throw error;
  }
  return damagedBundle(bundle, 'its bytes do not match the sha256 at its end');
}

async function hashOf({ body }: ReadEntry): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of body) hash.update(part);
  return `sha256:${hash.digest('hex')}`;
}

/** A snapshot of the same name is replaced only if it is the same state: taking in twice is fine. */
async function refuseOther(file: string, { digest }: Snapshot, { files }: SnapshotContext): Promise<void> {
  if (!(await files.exists(file))) return;
  try {
    if (decodeSnapshot(await files.read(file), file).digest === digest) return;
  } catch (error) {
    if (!(error instanceof RestageError)) throw error;
  }
  throw new RestageError('snapshot/exists', `there is already a ${file}`, { details: { file } });
}
