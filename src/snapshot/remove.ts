import { basename, isAbsolute } from 'node:path';
import { RestageError } from '../errors.ts';
import type { Version } from '../model/id.ts';
import type { Store } from '../store/contract.ts';
import type { SnapshotContext } from './context.ts';
import { findSnapshot } from './find.ts';
import { needsPrefix, ownerOfMember, snapMember } from './name.ts';

/** What removing a snapshot would take away. */
export interface RemovalPlan {
  readonly schema: 'restage/rm/1';
  readonly name: string;
  /** The file that is removed; absent when there is none. */
  readonly file?: string | undefined;
  /** The name whose saves leave the head of the store; absent without `purge`. */
  readonly purge?: string;
  /** Bytes of content that only this snapshot holds: what `gc` can free after a purge. */
  readonly bytes: number;
  /** The commit that purged it; absent in a plan. */
  readonly version?: Version;
}

/**
 * Plans to remove a snapshot: its file, and with `purge` also what the store keeps for its name.
 *
 * @throws {RestageError} `snapshot/unknown` if there is neither file nor member to remove
 */
export async function planRemoval(
  request: { readonly snapshot: string; readonly purge: boolean },
  context: SnapshotContext,
): Promise<RemovalPlan> {
  const { label, file, name } = await findRemovable(request.snapshot, context);
  if (!request.purge) {
    if (file !== undefined) return { schema: 'restage/rm/1', name: label, file, bytes: 0 };
    throw new RestageError('snapshot/unknown', `there is no file of ${label}; only the store has it`, {
      hint: 'Remove it from the store with --purge',
      details: { name },
    });
  }
  const bytes = await bytesOnlyOf([name], context.store);
  return { schema: 'restage/rm/1', name: label, file, purge: name, bytes };
}

/** What is to go; a file that cannot be read can still be removed, under its own name. */
async function findRemovable(
  text: string,
  context: SnapshotContext,
): Promise<{ readonly label: string; readonly name: string; readonly file?: string | undefined }> {
  try {
    const { label, file, snapshot } = await findSnapshot(text, context);
    return { label, file, name: snapshot.record.name };
  } catch (error) {
    const isUnreadable = error instanceof RestageError && /^snapshot\/(damaged|format)$/.test(error.code);
    const file = isUnreadable ? error.details['where'] : undefined;
    if (typeof file !== 'string' || !isAbsolute(file)) throw error;
    const name = basename(file, '.snap');
    return { label: name, name, file };
  }
}

/** Removes what was planned: first from the store, so that a crash leaves a file whose name still tells what it was. */
export async function performRemoval(plan: RemovalPlan, context: SnapshotContext): Promise<RemovalPlan> {
  const purged = plan.purge === undefined ? undefined : await purge([plan.purge], context);
  if (plan.file !== undefined) await context.files.remove(plan.file);
  return { ...plan, ...(purged !== undefined && { version: purged }) };
}

/** Takes names out of the head; the history keeps that they were. Answers the commit, if there was something to do. */
export async function purge(
  names: readonly string[],
  { store, host }: Pick<SnapshotContext, 'store' | 'host'>,
): Promise<Version | undefined> {
  const { version, changes } = await store.commit({
    deletes: names.flatMap((name) => [snapMember(name), needsPrefix(name)]),
    subject: `purge ${names.join(', ')}`.slice(0, 99),
    producer: `${host.user}@${host.name}`,
  });
  return changes.length > 0 ? version : undefined;
}

/** Bytes of the content that the snapshots of these names hold and no other snapshot of the head does. */
export async function bytesOnlyOf(names: readonly string[], store: Store): Promise<number> {
  const own = new Map<string, number>();
  const others = new Set<string>();
  for (const { path, digest, size, big } of await store.list('snapshots')) {
    const name = ownerOfMember(path);
    // What is small stands in the history itself, which is never rewritten.
    if (name === undefined || !big) continue;
    if (names.includes(name)) own.set(digest, size);
    else others.add(digest);
  }
  return [...own].reduce((sum, [digest, size]) => (others.has(digest) ? sum : sum + size), 0);
}
