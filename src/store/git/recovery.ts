import { RestageError } from '../../errors.ts';
import { timeText } from '../../model/time.ts';
import { makeDurableDirectory } from '../durable-directory.ts';
import type { StoreContext } from '../engines/contract.ts';
import type { LockContext, Locks } from '../lock.ts';
import { isGone, type Owner, parseOwner } from '../owner.ts';
import type { History } from './history.ts';
import type { LogIndex } from './log-index.ts';
import { publish, type PublishContext } from './pack-writer.ts';
import type { RefReader } from './ref-file.ts';

/** Where earlier processes may have left something. */
export interface RecoveryPlaces {
  readonly store: string;
  readonly gitDirectory: string;
  readonly temporary: string;
  readonly locks: string;
}

/** Removes what processes that are gone have left: temporary files, marks on packs, locks. What others still use stays. */
export async function cleanUp(places: RecoveryPlaces, context: LockContext): Promise<void> {
  const { files } = context;
  const records = (await files.list(places.locks)).filter(({ name }) => /^writer-[0-9a-f]+\.json$/.test(name));
  for (const { name } of records) {
    const record = `${places.locks}/${name}`;
    const owner = parseOwner((await files.readIfExists(record)) ?? '');
    if (!owner || !(await isGone(owner, context))) continue;
    for (const { name: file } of await files.list(places.temporary)) {
      if (file.startsWith(`${owner.id}-`)) await files.remove(`${places.temporary}/${file}`);
    }
    await releasePacks(`${places.gitDirectory}/objects/pack`, owner, context);
    await releaseLocks(`${places.gitDirectory}/refs`, owner, context);
    await releaseLocks(places.locks, owner, context);
    // Last: while it is there, the next opening comes back to what we have not managed.
    await files.remove(record);
  }
  for (const directory of [places.store, places.locks, `${places.store}/index`, places.gitDirectory]) {
    await removeOld(directory, context);
  }
}

/**
 * Puts the branch back to the newest commit that is whole, when the objects of its head are missing; the broken value
 * stays as `refs/restage/broken/TIME`. Our writer never gets there; a disk may.
 */
export async function restoreHead(
  { history, index, refs, branch }: { history: History; index: LogIndex; refs: RefReader; branch: string },
  { locks, publishing, context }: { locks: Locks; publishing: PublishContext; context: StoreContext },
): Promise<void> {
  const broken = await refs.read(branch);
  if (broken === undefined || (await canRead(history))) return;
  const lock = await locks.take(`${publishing.gitDirectory}/${branch}.lock`);
  try {
    if ((await refs.read(branch)) !== broken) return;
    let seq = index.length;
    while (seq > 0 && !(await history.isComplete(index.at(seq)?.version))) seq--;
    const after = index.at(seq)?.version;
    if (after === undefined) {
      throw new RestageError('store/damaged', `no commit of ${branch} can be read`, { details: { head: broken } });
    }
    const name = `refs/restage/broken/${timeText(context.clock.now()).replace(/\W/g, '')}`;
    const kept = { name, before: undefined, after: broken };
    await makeDurableDirectory(`${publishing.gitDirectory}/refs/restage/broken`, context.files);
    await publish({ objects: [], refs: [kept, { name: branch, before: broken, after }] }, publishing);
    context.emit({ type: 'note', note: 'history-head-restored', details: { broken, head: after, seq, kept: name } });
  } finally {
    await lock.release();
  }
}

async function canRead(history: History): Promise<boolean> {
  try {
    const head = await history.refresh();
    return head === undefined || (await history.hasTree(head.tree));
  } catch (error) {
    if (error instanceof RestageError && error.code === 'store/damaged') return false;
    throw error;
  }
}

/** Whole writes leave a temporary file when they are killed. Nobody can tell whose it was, but none takes an hour. */
async function removeOld(directory: string, { files, clock }: LockContext): Promise<void> {
  for (const { name, kind } of await files.list(directory)) {
    if (kind !== 'file' || !name.endsWith('.tmp')) continue;
    const modified = (await files.stat(`${directory}/${name}`))?.modified ?? Infinity;
    if (clock.now() - modified > 3_600_000) await files.remove(`${directory}/${name}`);
  }
}

async function releasePacks(directory: string, owner: Owner, { files }: LockContext): Promise<void> {
  const entries = await files.list(directory);
  const names = new Set(entries.map(({ name }) => name));
  for (const name of names) {
    if (!name.endsWith('.keep')) continue;
    const stem = `${directory}/${name.slice(0, -'.keep'.length)}`;
    if (parseOwner((await files.readIfExists(`${stem}.keep`)) ?? '')?.id !== owner.id) continue;
    // Without its index a pack is not in use, and never will be.
    if (!names.has(name.replace(/keep$/, 'idx'))) await files.remove(`${stem}.pack`);
    await files.remove(`${stem}.keep`);
  }
}

async function releaseLocks(directory: string, owner: Owner, context: LockContext): Promise<void> {
  const { files } = context;
  for (const { name, kind } of await files.list(directory)) {
    const path = `${directory}/${name}`;
    if (kind === 'directory') await releaseLocks(path, owner, context);
    else if (/\.lock$|^break-/.test(name) && parseOwner((await files.readIfExists(path)) ?? '')?.id === owner.id) {
      await files.remove(path);
    }
  }
}
