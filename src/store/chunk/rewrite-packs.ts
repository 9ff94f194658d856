import type { StoreContext } from '../engines/contract.ts';
import { writeDoom } from './doom.ts';
import { PACK_LIMIT } from './ingest.ts';
import { OpenPack } from './open-pack.ts';
import { isRecordWhole, readRecordHeader, RECORD_HEADER } from './pack-format.ts';
import type { PackEntry } from './pack-index.ts';
import { isMissing, type Packs, type SealedPack } from './packs.ts';

/** What a change of the packs stands on. */
export interface RewriteContext {
  readonly root: string;
  readonly store: StoreContext;
  readonly packs: Packs;
  readonly newPackId: () => Promise<string>;
}

/** A pack that shall go, and what of it must stay. */
export interface Victim {
  readonly pack: SealedPack;
  readonly keep: readonly PackEntry[];
}

/**
 * Copies what must stay of some packs into new ones, and then removes them.
 *
 * At every instant each record that must stay is in a pack with an index. A pack from which a record cannot be copied,
 * since it is damaged, stays as it is. Answers the packs that are gone. The caller holds the lock of the collector, and
 * has said which packs are doomed.
 */
export async function rewritePacks(victims: readonly Victim[], context: RewriteContext): Promise<SealedPack[]> {
  const { store, packs } = context;
  const doomed = new Set(victims.map(({ pack }) => pack));
  const writer = new Rewriter(context);
  const copied: SealedPack[] = [];
  try {
    for (const { pack, keep } of victims) {
      store.signal.throwIfAborted();
      if (await writer.copy(pack, keep, doomed)) copied.push(pack);
    }
    await writer.seal();
  } catch (error) {
    await writer.fail(error);
    throw error;
  }
  // The index goes first: a pack without one is known to be doomed, an index without a pack would be a loss.
  for (const pack of copied) await store.files.remove(packs.paths(pack.id).index);
  await store.files.syncDirectory(packs.directory);
  for (const pack of copied) {
    await packs.drop(pack);
    await store.files.remove(pack.path);
  }
  await store.files.syncDirectory(packs.directory);
  return copied;
}

/** Removes what a collector that was killed has left of the packs that it had doomed. */
export async function finishDoomed(doomed: readonly string[], { packs, store }: RewriteContext): Promise<void> {
  for (const id of doomed) {
    const { pack, index } = packs.paths(id);
    if (!(await store.files.exists(index))) await store.files.remove(pack);
  }
}

/** Performs `change` while `doomed` is known to all processes, and says afterwards that nothing is doomed any more. */
export async function whileDoomed<Value>(
  doomed: readonly string[],
  generation: number,
  { root, store }: RewriteContext,
  change: () => Promise<Value>,
): Promise<Value> {
  await writeDoom(root, { generation: generation + 1, doomed }, store);
  const value = await change();
  // Not after a failure: then the next collector finishes what this one has begun.
  await writeDoom(root, { generation: generation + 2, doomed: [] }, store);
  return value;
}

class Rewriter {
  readonly #context: RewriteContext;
  #open: OpenPack | undefined;
  /** When the youngest of the packs in `#open` was last written, ms: their content is not younger than it was. */
  #modified = 0;

  constructor(context: RewriteContext) {
    this.#context = context;
  }

  async copy(pack: SealedPack, keep: readonly PackEntry[], doomed: ReadonlySet<SealedPack>): Promise<boolean> {
    const { packs, store } = this.#context;
    const modified = (await store.files.stat(pack.path))?.modified ?? 0;
    const recipes = new Map(pack.index.blobs.map(({ digest, recipe }) => [recipe.toString('latin1'), digest]));
    for (const entry of keep) {
      const elsewhere = packs.find(entry.name, 0, (other) => !doomed.has(other));
      if (elsewhere && (await this.#read(elsewhere.pack, elsewhere))) continue;
      const bytes = await this.#read(pack, entry);
      if (!bytes) return false;
      const digest = recipes.get(entry.name.toString('latin1'));
      this.#open ??= await OpenPack.create(await this.#context.newPackId(), packs, store);
      this.#modified = Math.max(this.#modified, modified);
      const blobs = digest ? [{ digest, recipe: entry.name }] : [];
      await this.#open.append({ bytes, entries: [{ ...entry, offset: 0 }], blobs });
      if (this.#open.size >= PACK_LIMIT) await this.seal();
    }
    return true;
  }

  async seal(): Promise<void> {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    await open.seal();
    const { path } = await open.sealed;
    await this.#context.store.files.setModified(path, this.#modified);
    this.#modified = 0;
  }

  async fail(cause: unknown): Promise<void> {
    await this.#open?.fail(cause);
  }

  async #read(pack: SealedPack, { name, offset, stored }: PackEntry): Promise<Buffer | undefined> {
    try {
      const bytes = await this.#context.packs.read(pack, offset, RECORD_HEADER + stored);
      const header = readRecordHeader(bytes, 0);
      const isSound = header?.stored === stored && header.name.equals(name) && isRecordWhole(bytes, 0, header);
      return isSound ? bytes : undefined;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }
}
