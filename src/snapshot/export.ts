import { dirname, resolve } from 'node:path';
import { RestageError } from '../errors.ts';
import type { Digest } from '../model/id.ts';
import { compareText } from '../model/order.ts';
import type { KeptRecord, NotKeptRecord, Snapshot } from '../model/snapshot.ts';
import { contentEntry, packBundle, SNAP_ENTRY, type BundleEntry } from './bundle.ts';
import { createContent } from './content.ts';
import type { SnapshotContext } from './context.ts';
import { findSnapshot } from './find.ts';
import { holdContent } from './hold-content.ts';
import type { Content } from './layer.ts';
import { removeLeftovers } from './leftovers.ts';
import { refuseSecrets, searchSecrets } from './secrets.ts';
import { encodeSnapshot, reseal } from './snap-file.ts';
import { refuseMissingContent } from './transfer.ts';

/** What is to be bundled, and into which file. */
export interface ExportRequest {
  readonly snapshot: string;
  /** A path; relative to the working directory. */
  readonly output: string;
  /** Whether what looks like a secret goes out all the same. */
  readonly acceptSecrets?: boolean | undefined;
}

/** The bundle that was written. */
export interface Exported {
  readonly schema: 'restage/export/1';
  readonly name: string;
  readonly digest: Digest;
  readonly file: string;
  /** Of the bundle. */
  readonly bytes: number;
  readonly contents: number;
  readonly notKept: readonly NotKeptRecord[];
  /** Content that was not looked into for secrets, such as disk images. */
  readonly unread: readonly KeptRecord[];
}

/**
 * Bundles a snapshot with all that it holds on to into one file, which `import` takes in elsewhere.
 *
 * The file appears whole or not at all; one that is there is left alone.
 *
 * @throws {RestageError} `snapshot/secret`, `snapshot/content-missing`, `snapshot/exists`
 */
export async function exportSnapshot(request: ExportRequest, context: SnapshotContext): Promise<Exported> {
  const found = await findSnapshot(request.snapshot, context);
  await using holder = await holdContent(found, context);
  const content = createContent(context.store, [holder]);
  const file = resolve(context.directory, request.output);
  if (await context.files.exists(file)) {
    throw new RestageError('snapshot/exists', `there is already a ${file}`, {
      hint: 'Choose another file with -o, or remove it',
      details: { file },
    });
  }
  await refuseMissingContent(found.snapshot, content);
  const search = await searchSecrets(found.snapshot, content, context.signal);
  if (request.acceptSecrets !== true) refuseSecrets(search, 'export');
  const snapshot = reseal(found.snapshot, { version: undefined });
  await removeLeftovers(file, context);
  const bytes = await writeBundle(file, entriesOf(snapshot, content, context), context);
  const { digest, record } = snapshot;
  const contents = new Set(record.kept.map((kept) => kept.digest)).size;
  return {
    ...{ schema: 'restage/export/1', name: found.label, digest, file, bytes, contents },
    ...{ notKept: record.notKept, unread: search.unread },
  };
}

function entriesOf(
  snapshot: Snapshot,
  content: Content,
  { signal, emit }: Pick<SnapshotContext, 'signal' | 'emit'>,
): BundleEntry[] {
  const snap = Buffer.from(encodeSnapshot(snapshot));
  const kept = [...new Map(snapshot.record.kept.map((one) => [one.digest, one])).values()];
  kept.sort((a, b) => compareText(a.digest, b.digest));
  return [
    { name: SNAP_ENTRY, size: snap.length, open: async () => oneOf(snap) },
    ...kept.map(({ digest, size }, index) => ({
      ...{ name: contentEntry(digest), size },
      open: async () => {
        signal.throwIfAborted();
        emit({ type: 'progress', task: 'export', done: index, total: kept.length, unit: 'items' });
        return (await content.stream(digest)) as AsyncIterable<Uint8Array>;
      },
    })),
  ];
}

async function writeBundle(
  file: string,
  entries: readonly BundleEntry[],
  { files, random, signal }: SnapshotContext,
): Promise<number> {
  const temporary = `${file}.${random.hex(6)}.tmp`;
  let size = 0;
  try {
    await using open = await files.open(temporary, 'create');
    for await (const part of packBundle(entries)) {
      signal.throwIfAborted();
      await open.write(size, part);
      size += part.length;
    }
    await open.sync();
    await files.rename(temporary, file);
    await files.syncDirectory(dirname(file));
  } catch (error) {
    await files.remove(temporary);
    throw error;
  }
  return size;
}

async function* oneOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
