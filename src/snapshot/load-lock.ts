import { join } from 'node:path';
import { RestageError } from '../errors.ts';
import { busy, LoadOwner, ownerOf } from './load-journal.ts';
import type { SnapshotContext } from './context.ts';

/** What the lock needs. */
type LockContext = Pick<SnapshotContext, 'state' | 'files' | 'host' | 'random' | 'ownerState'>;

/** How often a lock that vanishes under our hands is tried again. */
const ATTEMPTS = 10;

/**
 * Does some work as the only process that loads in the workspace.
 *
 * The lock is a file with its owner's identity. One whose owner is gone is taken over; another host's never is, since
 * nobody here can know.
 *
 * @throws {RestageError} `load/busy` with the owner
 */
export async function whileLocked<Result>(context: LockContext, work: () => Promise<Result>): Promise<Result> {
  const path = join(context.state, 'journal', 'load.lock');
  await take(path, context);
  try {
    return await work();
  } finally {
    await context.files.remove(path);
  }
}

async function take(path: string, context: LockContext): Promise<void> {
  const { files } = context;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await createWhole(path, context)) return;
    const text = await files.readIfExists(path);
    if (text === undefined) continue;
    const owner = readOwner(text);
    const state = owner ? context.ownerState(owner) : 'gone';
    if (owner && state !== 'gone') throw busy(owner, state);
    await takeAway(path, text, context);
  }
  throw new RestageError('load/busy', 'other loads begin and end in this workspace all the time');
}

/** Creates the lock with its content at once: whoever finds a lock finds its owner in it. */
async function createWhole(path: string, context: LockContext): Promise<boolean> {
  const { files, random } = context;
  const temporary = `${path}.new-${random.hex(8)}`;
  await files.write(temporary, JSON.stringify(ownerOf(context)));
  try {
    return await files.link(temporary, path);
  } finally {
    await files.remove(temporary);
  }
}

/** Removes a dead lock; puts it back if another process has replaced it by its own in the meantime. */
async function takeAway(path: string, dead: string, { files, random }: LockContext): Promise<void> {
  const aside = `${path}.old-${random.hex(8)}`;
  try {
    await files.rename(path, aside);
  } catch (error) {
    if (error instanceof RestageError && error.code === 'file/missing') return;
    throw error;
  }
  if ((await files.readIfExists(aside)) !== dead) await files.link(aside, path);
  await files.remove(aside);
}

function readOwner(text: string): LoadOwner | undefined {
  try {
    return LoadOwner.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
