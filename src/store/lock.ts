import { RestageError } from '../errors.ts';
import type { Context } from '../platform/context.ts';
import { makeDurableDirectory } from './durable-directory.ts';
import { isGone, type Owner, ownerText, parseOwner } from './owner.ts';

/** Takes locks in the name of one opening of a store. A lock is a file that must not be there; it holds its owner's record. */
export interface Locks {
  readonly owner: Owner;
  /** Takes a lock, waiting until `deadlineMs` from now; breaks one whose owner is gone. @throws {RestageError} `store/locked` */
  take(path: string, deadlineMs?: number): Promise<Lock>;
  /** Takes it if that can be done at once. */
  tryTake(path: string): Promise<Lock | undefined>;
  /** Marks a file name as ours, such as `pack-X.keep`. */
  mark(path: string): Promise<void>;
  /** Removes the record of this opening; afterwards nothing can be taken. */
  close(): Promise<void>;
}

/** A lock that is held. */
export interface Lock {
  release(): Promise<void>;
}

/** What locks stand on. */
export type LockContext = Pick<Context, 'files' | 'clock' | 'host' | 'signal'>;

/** How long another process may hold a lock before we give up. */
export const LOCK_WAIT_MS = 10_000;

/**
 * Opens the locks of a store, with records below `directory`.
 *
 * The record is written durably once; a lock is a hard link to it. So taking one is one step that shows its owner at
 * every instant, also after a power cut. Where links cannot be made, the lock is written instead.
 */
export async function openLocks(directory: string, owner: Owner, context: LockContext): Promise<Locks> {
  const { files, clock, signal } = context;
  const record = `${directory}/writer-${owner.id}.json`;
  await files.write(record, ownerText(owner));
  const link = async (path: string): Promise<boolean> => {
    try {
      return await files.link(record, path);
    } catch (error) {
      if (error instanceof RestageError && error.code === 'file/denied') return files.create(path, ownerText(owner));
      if (!(error instanceof RestageError && error.code === 'file/missing')) throw error;
      await makeDurableDirectory(path.slice(0, path.lastIndexOf('/')), files);
      return files.link(record, path);
    }
  };
  const tryTake = async (path: string): Promise<Lock | undefined> =>
    (await link(path)) ? { release: () => files.remove(path) } : undefined;
  return {
    owner,
    tryTake,
    mark: async (path) => {
      await link(path);
    },
    take: async (path, deadlineMs = LOCK_WAIT_MS) => {
      const deadline = clock.monotonic() + deadlineMs;
      for (let wait = 1; ; wait = Math.min(wait * 1.5, 50)) {
        signal.throwIfAborted();
        const lock = await tryTake(path);
        if (lock) return lock;
        if (await breakIfStale(path, directory, link, context)) continue;
        if (clock.monotonic() >= deadline) throw await locked(path, context);
        await clock.sleep(wait);
      }
    },
    close: () => files.remove(record),
  };
}

/** Removes a lock whose owner is gone. Two that see the same one must not remove the next one's: hence the lock on the lock. */
async function breakIfStale(
  path: string,
  directory: string,
  link: (path: string) => Promise<boolean>,
  context: LockContext,
): Promise<boolean> {
  const { files } = context;
  const holder = parseOwner((await files.readIfExists(path)) ?? '');
  if (!holder || !(await isGone(holder, context))) return false;
  const breaking = `${directory}/break-${holder.id}`;
  if (!(await link(breaking))) {
    const breaker = parseOwner((await files.readIfExists(breaking)) ?? '');
    if (breaker && (await isGone(breaker, context))) await files.remove(breaking);
    return false;
  }
  try {
    const still = parseOwner((await files.readIfExists(path)) ?? '');
    if (still?.id === holder.id) await files.remove(path);
    return true;
  } finally {
    await files.remove(breaking);
  }
}

async function locked(path: string, { files }: LockContext): Promise<RestageError> {
  const holder = parseOwner((await files.readIfExists(path).catch(() => undefined)) ?? '');
  const who = holder ? `process ${holder.pid} on ${holder.host}` : 'another program';
  return new RestageError('store/locked', `${path} is held by ${who}`, {
    details: { file: path, ...(holder && { pid: holder.pid, host: holder.host }) },
  });
}
