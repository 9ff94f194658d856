import { readDoom } from './doom.ts';
import type { GcContext } from './gc.ts';
import { finishDoomed, rewritePacks, whileDoomed } from './rewrite-packs.ts';

/** A pack below this is small: many of them make opening slow. */
const SMALL_BYTES = 1024 * 1024;

/** So many small packs are worth the time of making one of them. */
const MANY = 128;

/** Whether there are so many small packs that they should become one. */
export function hasManySmallPacks({ packs }: Pick<GcContext, 'packs'>): boolean {
  return packs.all().filter(({ index }) => index.packSize < SMALL_BYTES).length >= MANY;
}

/** Makes one pack out of the small ones. Does nothing while another process collects. */
export async function mergeSmallPacks(context: GcContext): Promise<void> {
  const lock = await (await context.locks()).tryTake(`${context.root}/lock/gc.lock`);
  if (!lock) return;
  try {
    const { generation, doomed } = await readDoom(context.root, context.store);
    await finishDoomed(doomed, context);
    await context.packs.refresh();
    const small = context.packs.all().filter(({ index }) => index.packSize < SMALL_BYTES);
    const victims = small.map((pack) => ({ pack, keep: [...pack.index.entries()] }));
    const ids = small.map(({ id }) => id);
    await whileDoomed(ids, generation, context, () => rewritePacks(victims, context));
  } finally {
    await lock.release();
  }
}
