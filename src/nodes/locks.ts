import { join } from 'node:path';
import { z } from 'zod';
import { RestageError } from '../errors.ts';
import { parseTime, timeText } from '../model/time.ts';
import type { Context } from '../platform/context.ts';
import { DONE, failure, type Answer } from './answer.ts';
import type { NodesSetup } from './context.ts';

/** How much longer than its run a lock is good for, in ms. */
const GRACE_MS = 60_000;
/** How long to wait for another one that is just breaking the same lock, in ms. */
const BREAK_PAUSE_MS = 5;

/** Who holds a lock or runs a run: a process, with words for people. */
export const Owner = z.object({
  machineId: z.string(),
  bootId: z.string(),
  pid: z.number(),
  startTicks: z.number(),
  host: z.string(),
  user: z.string(),
});

/** Who holds a lock or runs a run. */
export type Owner = z.infer<typeof Owner>;

const LockFile = z.object({ owner: Owner, run: z.string(), expires: z.string() });

type LockFile = z.infer<typeof LockFile>;

/** What locks stand on. */
export type LockContext = Pick<NodesSetup, 'files' | 'clock' | 'host' | 'random' | 'nodesState' | 'ownerState'>;

/** This process as an owner. */
export function ownerOf({ machineId, bootId, pid, startTicks, name, user }: Context['host']): Owner {
  return { machineId, bootId, pid, startTicks, host: name, user };
}

/**
 * Takes the lock of a node: one run at a time changes a node.
 *
 * A lock whose owner is gone is broken; one of another machine when it has expired.
 */
export async function takeLock(node: string, run: string, limitMs: number, context: LockContext): Promise<Answer> {
  const { files } = context;
  const path = lockPath(node, context);
  const own = await writeOwn(node, run, limitMs, context);
  try {
    for (;;) {
      if (await files.link(own, path)) return DONE;
      const text = await files.readIfExists(path);
      if (text === undefined) continue;
      const holder = liveHolder(text, context);
      if (holder) {
        const { owner, run: other, expires: until } = holder;
        return failure('lock-held', `${owner.user}@${owner.host} works on it (run ${other}, until ${until})`);
      }
      await breakLock(path, own, context);
    }
  } finally {
    await files.remove(own);
  }
}

/** Gives a lock back; fine if it is gone, or not ours. */
export async function releaseLock(node: string, run: string, context: LockContext): Promise<void> {
  const path = lockPath(node, context);
  const text = await context.files.readIfExists(path);
  if (text !== undefined && parseLock(text)?.run === run) await context.files.remove(path);
}

/** Frees the locks whose owner is gone, and answers their nodes. */
export async function sweepLocks(context: LockContext): Promise<readonly string[]> {
  const { files, nodesState } = context;
  const freed: string[] = [];
  const directory = join(nodesState, 'locks');
  for (const { name } of await files.list(directory)) {
    if (/\.json\.[0-9a-f]{12}(\.dead)?$/.test(name)) await removeIfDead(join(directory, name), context);
    const node = /^(.*)\.json$/.exec(name)?.[1];
    const text = node === undefined ? undefined : await files.readIfExists(lockPath(node, context));
    if (node === undefined || text === undefined || liveHolder(text, context)) continue;
    const own = await writeOwn(node, 'sweep', 0, context);
    await breakLock(lockPath(node, context), own, context);
    await files.remove(own);
    freed.push(node);
  }
  return freed;
}

/** Removes what a killed process had made ready to become a lock. */
async function removeIfDead(path: string, context: LockContext): Promise<void> {
  const text = await context.files.readIfExists(path);
  if (text !== undefined && !liveHolder(text, context)) await context.files.remove(path);
}

/** The lock appears with its content at once: an empty one would look like one whose owner is gone. */
async function writeOwn(node: string, run: string, limitMs: number, context: LockContext): Promise<string> {
  const { files, clock, host, random } = context;
  const own = `${lockPath(node, context)}.${random.hex(6)}`;
  const expires = timeText(clock.now() + limitMs + GRACE_MS);
  await files.write(own, `${JSON.stringify({ owner: ownerOf(host), run, expires })}\n`);
  return own;
}

function lockPath(node: string, { nodesState }: LockContext): string {
  return join(nodesState, 'locks', `${node}.json`);
}

function parseLock(text: string): LockFile | undefined {
  try {
    return LockFile.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function liveHolder(text: string, { ownerState, clock }: LockContext): LockFile | undefined {
  const lock = parseLock(text);
  if (!lock) return undefined;
  const state = ownerState(lock.owner);
  const isLive = state === 'alive' || (state === 'elsewhere' && (parseTime(lock.expires) ?? 0) > clock.now());
  return isLive ? lock : undefined;
}

/**
 * Takes a dead lock away. One at a time: between a look at a lock and its removal, another one could otherwise remove it
 * and a third one take it, which would then lose a lock that lives.
 */
async function breakLock(path: string, own: string, context: LockContext): Promise<void> {
  const { files } = context;
  const guard = `${path}.break`;
  if (!(await files.link(own, guard))) {
    const breaker = await files.readIfExists(guard);
    // It died within this very function: its guard is the only thing that it can have left.
    if (breaker !== undefined && !liveHolder(breaker, context)) await removeAs(guard, breaker, `${own}.dead`, context);
    else await context.clock.sleep(BREAK_PAUSE_MS);
    return;
  }
  try {
    const text = await files.readIfExists(path);
    if (text !== undefined && !liveHolder(text, context)) await files.remove(path);
  } finally {
    await files.remove(guard);
  }
}

/** Removes a file, unless another one has come into its place since it was read. */
async function removeAs(path: string, text: string, aside: string, { files }: LockContext): Promise<void> {
  try {
    await files.rename(path, aside);
  } catch (error) {
    if (error instanceof RestageError && error.code === 'file/missing') return;
    throw error;
  }
  if ((await files.readIfExists(aside)) !== text) await files.link(aside, path);
  await files.remove(aside);
}
