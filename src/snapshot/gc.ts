import { RestageError } from '../errors.ts';
import { parseDuration } from '../model/duration.ts';
import type { Version } from '../model/id.ts';
import type { GcReport, Store } from '../store/contract.ts';
import type { SnapshotContext } from './context.ts';
import { nameOfMember, ownerOfMember, snapMember, UNDO } from './name.ts';
import { bytesOnlyOf, purge } from './remove.ts';

/** What collecting would remove, or has removed. */
export interface Collection extends GcReport {
  readonly schema: 'restage/gc/1';
  /** Undo saves that are older than `[undo] keep`, also those whose content is gone already. */
  readonly expiredUndoSaves: number;
  /** Whether the newest undo save is among them, so that the name leaves the head. */
  readonly purgesUndo: boolean;
  /** ms. */
  readonly undoKeep: number;
  /** The commit that took the last undo save out of the head, if that was due. */
  readonly purged?: Version | undefined;
}

const DEFAULT_UNDO_KEEP = '10 days';
const DEFAULT_GRACE = '24 hours';

/**
 * Collects content that nothing refers to: of purged snapshots, and of undo saves older than `[undo] keep`.
 *
 * @param apply - absent or false: only says what would be removed
 */
export async function collect(
  { apply = false }: { readonly apply?: boolean },
  context: SnapshotContext,
): Promise<Collection> {
  const { store, clock } = context;
  const undoKeep = durationOf('undo', 'keep', DEFAULT_UNDO_KEEP, context);
  const graceMs = durationOf('gc', 'grace', DEFAULT_GRACE, context);
  const undoSaves = await store.history(snapMember(UNDO));
  const due = clock.now() - undoKeep;
  const [newest] = undoSaves;
  const isPresent = (await store.read(snapMember(UNDO))) !== undefined;
  const isDue = isPresent && newest !== undefined && newest.time < due;
  const purged = apply && isDue ? await purge([UNDO], context) : undefined;
  const expiry = await findExpiry(store, due);
  const report = await store.gc({ apply, graceMs, isExpired: expiry.isExpired });
  const { expiredUndoSaves } = expiry;
  return {
    ...{ schema: 'restage/gc/1', expiredUndoSaves, purgesUndo: isDue, undoKeep, ...report },
    ...(purged !== undefined && { purged }),
    // The store cannot know that the name will have left the head by then.
    ...(isDue && !apply && { bytes: report.bytes + (await bytesOnlyOf([UNDO], store)) }),
  };
}

/**
 * Which puts of the history no longer hold their content: those of a name before it was purged, and those of undo
 * saves that are too old. What the head still has stays in any case.
 */
async function findExpiry(store: Store, due: number) {
  const purgedBefore = new Map<string, number>();
  let lastOldUndo = 0;
  let expiredUndoSaves = 0;
  for await (const { seq, time, changes } of store.log(1, { prefix: 'snapshots' })) {
    for (const { path, change } of changes) {
      const name = nameOfMember(path);
      if (name !== undefined && change === 'delete') purgedBefore.set(name, seq);
      if (name !== UNDO || time >= due) continue;
      lastOldUndo = seq;
      if (change === 'put') expiredUndoSaves++;
    }
  }
  const isExpired = (path: string, seq: number): boolean => {
    const name = ownerOfMember(path);
    if (name === undefined) return false;
    return seq < (purgedBefore.get(name) ?? 0) || (name === UNDO && seq <= lastOldUndo);
  };
  return { isExpired, expiredUndoSaves };
}

function durationOf(
  section: string,
  key: string,
  fallback: string,
  { configuration }: Pick<SnapshotContext, 'configuration'>,
): number {
  const text = configuration.get(section, key) ?? fallback;
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new RestageError('config/malformed', `[${section}] ${key} is ${JSON.stringify(text)}, which is no duration`, {
    hint: 'Write it like `10 days` or `24h`',
    details: { section, key, text },
  });
}
