import type { Digest } from '../../model/id.ts';
import type { GcReport } from '../contract.ts';
import type { Locks } from '../lock.ts';
import { readDoom } from './doom.ts';
import { RECORD_HEADER } from './pack-format.ts';
import type { PackEntry } from './pack-index.ts';
import type { Packs, SealedPack } from './packs.ts';
import { recipeAt } from './read-blob.ts';
import { finishDoomed, type RewriteContext, rewritePacks, type Victim, whileDoomed } from './rewrite-packs.ts';
import { claimedNames } from './uploads.ts';

/** What a collection is asked to do; see `ChunkPlane.gc`. */
export interface GcOptions {
  readonly live: () => Promise<ReadonlySet<Digest>>;
  readonly graceMs: number;
  readonly apply: boolean;
}

/** What a collection stands on. */
export interface GcContext extends RewriteContext {
  readonly locks: () => Promise<Locks>;
}

/** A pack is rewritten when at least this share of it is dead; less is left for a later collection. */
const DEAD_SHARE = 1 / 8;

/** What the packs look like: which ones should go, and what that would give. */
interface Survey {
  readonly victims: readonly Victim[];
  readonly blobs: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly graceBytes: number;
}

/** The names that must stay (latin1): those that something refers to, and those whose time of grace goes on, too. */
interface Marks {
  readonly live: ReadonlySet<string>;
  readonly kept: ReadonlySet<string>;
  readonly young: ReadonlySet<SealedPack>;
}

/**
 * Collects what nothing refers to: mark and sweep.
 *
 * It marks twice: once to find the packs with dead records; then, when all processes have been told that these are doomed,
 * again, so that what was named meanwhile stays. See `Uploads` for why nothing can slip through.
 *
 * @throws {RestageError} `store/damaged` when a recipe that is needed cannot be read: then nobody knows what it needs
 */
export async function collectGarbage(options: GcOptions, context: GcContext): Promise<GcReport> {
  if (!options.apply) {
    await context.packs.refresh();
    return reportOf(await survey(options, context), false);
  }
  const lock = await (await context.locks()).take(`${context.root}/lock/gc.lock`);
  try {
    const { generation, doomed } = await readDoom(context.root, context.store);
    await finishDoomed(doomed, context);
    await context.packs.refresh();
    const first = await survey(options, context);
    if (first.victims.length === 0) return reportOf(first, true);
    const ids = new Set(first.victims.map(({ pack }) => pack.id));
    return await whileDoomed([...ids], generation, context, async () => {
      await context.packs.refresh();
      const second = await survey(options, context, ids);
      const gone = new Set(await rewritePacks(second.victims, context));
      return reportOf(countDead(second, gone), true);
    });
  } finally {
    await lock.release();
  }
}

async function survey(options: GcOptions, context: GcContext, among?: ReadonlySet<string>): Promise<Survey> {
  const marks = await mark(options, context);
  const victims: Victim[] = [];
  let graceBytes = 0;
  for (const pack of context.packs.all()) {
    const keep: PackEntry[] = [];
    let dead = 0;
    for (const entry of pack.index.entries()) {
      const key = entry.name.toString('latin1');
      const isKept = marks.kept.has(key) || marks.young.has(pack);
      if (isKept) keep.push(entry);
      else dead += bytesOf(entry);
      if (isKept && !marks.live.has(key)) graceBytes += bytesOf(entry);
    }
    const isWorth = dead > 0 && (keep.length === 0 || dead >= pack.index.packSize * DEAD_SHARE);
    if (isWorth && (among?.has(pack.id) ?? true)) victims.push({ pack, keep });
  }
  return countDead({ victims, blobs: 0, chunks: 0, bytes: 0, graceBytes });
}

/** Counts what is dead in the victims, or in those of them that are `gone`. */
function countDead(found: Survey, gone?: ReadonlySet<SealedPack>): Survey {
  let [blobs, chunks, bytes] = [0, 0, 0];
  for (const { pack, keep } of found.victims) {
    if (gone?.has(pack) === false) continue;
    const kept = new Set(keep.map(({ name }) => name.toString('latin1')));
    const recipes = new Set(pack.index.blobs.map(({ recipe }) => recipe.toString('latin1')));
    for (const entry of pack.index.entries()) {
      const key = entry.name.toString('latin1');
      if (kept.has(key)) continue;
      bytes += bytesOf(entry);
      if (recipes.has(key)) blobs++;
      else chunks++;
    }
  }
  return { ...found, blobs, chunks, bytes };
}

async function mark({ live, graceMs }: GcOptions, { root, store, packs }: GcContext): Promise<Marks> {
  const claimed = await claimedNames(root, store);
  const digests = await live();
  const young = new Set<SealedPack>();
  for (const pack of packs.all()) {
    const modified = (await store.files.stat(pack.path))?.modified ?? 0;
    if (store.clock.now() - modified < graceMs) young.add(pack);
  }
  const marks = { live: new Set(claimed), kept: new Set(claimed), young };
  for (const pack of packs.all()) {
    for (const { digest, recipe } of pack.index.blobs) {
      const key = recipe.toString('latin1');
      const isLive = digests.has(`sha256:${digest.toString('hex')}` as Digest) || claimed.has(key);
      if (!isLive && !young.has(pack)) continue;
      store.signal.throwIfAborted();
      const names = [key, ...(await chunksOf(recipe, packs))];
      addAll(marks.kept, names);
      if (isLive) addAll(marks.live, names);
    }
  }
  return marks;
}

/** The chunks that a recipe names, as keys. */
async function chunksOf(recipe: Buffer, packs: Packs): Promise<string[]> {
  const place = packs.find(recipe);
  const pieces = place ? (await recipeAt(place, packs)).pieces : [];
  return pieces.flatMap(({ name }) => (name === undefined ? [] : [Buffer.from(name, 'hex').toString('latin1')]));
}

function addAll(set: Set<string>, keys: readonly string[]): void {
  for (const key of keys) set.add(key);
}

function bytesOf({ stored }: PackEntry): number {
  return RECORD_HEADER + stored;
}

function reportOf({ blobs, chunks, bytes, graceBytes }: Survey, applied: boolean): GcReport {
  return { blobs, chunks, bytes, graceBytes, applied };
}
