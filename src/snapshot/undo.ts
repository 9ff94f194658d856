import { RestageError } from '../errors.ts';
import type { LoadRequest } from '../model/request.ts';
import type { SnapshotContext } from './context.ts';
import { findSnapshot, type FoundSnapshot } from './find.ts';
import { findInterruptedLoad } from './load-journal.ts';
import { snapMember, UNDO } from './name.ts';
import { prepareLoad, type PreparedLoad } from './prepare-load.ts';

/**
 * Plans to put back what the last load changed. It is itself a load, which saves what it changes: undo twice, and
 * the last load is there again.
 *
 * After an interrupted load it goes back to the state before it; an interrupted undo is gone on with.
 *
 * @throws {RestageError} `undo/nothing`
 */
export async function prepareUndo(
  request: Omit<LoadRequest, 'snapshot'>,
  context: SnapshotContext,
): Promise<PreparedLoad> {
  const target = await undoTarget(context);
  const settings = { ...target.snapshot.record.settings, ...request.settings };
  return prepareLoad({ verb: 'undo', target, request: { ...request, settings } }, context);
}

async function undoTarget(context: SnapshotContext): Promise<FoundSnapshot> {
  const unfinished = await findInterruptedLoad(context, { refuseRunning: true });
  const version = unfinished?.verb === 'undo' ? unfinished.version : unfinished?.undo;
  if (version !== undefined) return findSnapshot(`${UNDO}@${version}`, context);
  if (await context.store.read(snapMember(UNDO))) return findSnapshot(UNDO, context);
  throw new RestageError('undo/nothing', 'no load has changed anything here that could be put back');
}
