import { join } from 'node:path';
import { z } from 'zod';
import { RestageError } from '../errors.ts';
import { parseTime, timeText } from '../model/time.ts';
import type { Context } from '../platform/context.ts';
import { DONE, failure, type Answer } from './answer.ts';
import type { NodesSetup } from './context.ts';

/** How much longer than its run a lock is good for, in ms. */
const GRACE_MS = 60_000;

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
  const { files, clock, host, random } = context;
  const path = lockPath(node, context);
  const expires = timeText(clock.now() + limitMs + GRACE_MS);
  // The lock appears with its content at once: an empty one would look like one whose owner is gone.
  const own = `${path}.${random.hex(6)}`;
  await files.write(own, `${JSON.stringify({ owner: ownerOf(host), run, expires })}\n`);
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
      await breakLock(path, text, `${own}.broken`, context);
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
  const { files, nodesState, random } = context;
  const directory = join(nodesState, 'locks');
  const freed: string[] = [];
  for (const { name } of await files.list(directory)) {
    const path = join(directory, name);
    const text = name.endsWith('.json') ? await files.readIfExists(path) : undefined;
    if (text === undefined || liveHolder(text, context)) continue;
    await breakLock(path, text, `${path}.${random.hex(6)}.broken`, context);
    freed.push(name.slice(0, -'.json'.length));
  }
  return freed;
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

/** Takes a lock away, unless another one has come into its place since it was read. */
async function breakLock(path: string, text: string, aside: string, { files }: LockContext): Promise<void> {
  try {
    await files.rename(path, aside);
  } catch (error) {
    if (error instanceof RestageError && error.code === 'file/missing') return;
    throw error;
  }
  if ((await files.readIfExists(aside)) !== text) await files.link(aside, path);
  await files.remove(aside);
}
