import { resolve } from 'node:path';
import { RestageError } from '../errors.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { createContent } from './content.ts';
import type { SnapshotContext } from './context.ts';
import { transferSnapshot } from './transfer.ts';

/**
 * Copies a save to the second place that `[store] mirror` names, if it does.
 *
 * The save is done when this begins: a mirror that cannot be reached is said in a note, and the next save tries again.
 *
 * @returns the directory of the mirror that has the save; `undefined` if none has
 */
export async function mirrorSave(snapshot: Snapshot, context: SnapshotContext): Promise<string | undefined> {
  const named = context.configuration.get('store', 'mirror');
  if (named === undefined || named === '') return undefined;
  const directory = resolve(context.workspace, named);
  try {
    await using mirror = await context.openStore(directory, 'create');
    await transferSnapshot(snapshot, createContent(context.store, [{ snapshot }]), mirror, context);
    return directory;
  } catch (error) {
    context.signal.throwIfAborted();
    if (!(error instanceof RestageError)) throw error;
    context.emit({ type: 'note', note: 'not-mirrored', details: { directory, why: error.message } });
    return undefined;
  }
}
