import { RestageError } from '../errors.ts';
import type { Version } from '../model/id.ts';
import type { KeptRecord, Snapshot } from '../model/snapshot.ts';
import type { Store } from '../store/contract.ts';
import { commitSave } from './commit-save.ts';
import type { SnapshotContext } from './context.ts';
import type { Content } from './layer.ts';

/** Copies what a snapshot holds on to into another store, every digest checked, and commits it there. */
export async function transferSnapshot(
  snapshot: Snapshot,
  from: Content,
  to: Store,
  context: SnapshotContext,
): Promise<{ readonly version: Version; readonly newBytes: number }> {
  const contents = [...new Map(snapshot.record.kept.map((kept) => [kept.digest, kept])).values()];
  let newBytes = 0;
  for (const [index, kept] of contents.entries()) {
    context.signal.throwIfAborted();
    context.emit({ type: 'progress', task: 'copy', done: index, total: contents.length, unit: 'items' });
    if (await to.hasBlob(kept.digest)) continue;
    const put = await to.putBlob(await from.stream(kept.digest));
    if (put.digest !== kept.digest) throw wrongContent(kept, put.digest);
    newBytes += put.newBytes;
  }
  const { host } = context;
  const version = await commitSave(snapshot, { host, store: to }, ({ digest, size }) => ({ blob: digest, size }));
  return { version, newBytes };
}

/** @throws {RestageError} `snapshot/content-missing` for the first content that cannot be read here */
export async function refuseMissingContent(snapshot: Snapshot, content: Content): Promise<void> {
  for (const { layer, digest } of snapshot.record.kept) {
    if (await content.has(digest)) continue;
    throw new RestageError('snapshot/content-missing', `the store does not have ${digest} of layer ${layer}`, {
      details: { layer, digest },
    });
  }
}

function wrongContent(kept: KeptRecord, actual: string): RestageError {
  return new RestageError('store/damaged', `content ${kept.digest} was read as ${actual}`, {
    details: { digest: kept.digest, actual },
  });
}
