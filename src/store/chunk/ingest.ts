import type { StoreContext } from '../engines/contract.ts';
import { type EncodedRecords, OpenPack } from './open-pack.ts';
import type { Packs } from './packs.ts';

/** A pack that has grown to this many bytes is sealed, and the next one begun. */
export const PACK_LIMIT = 128 * 1024 * 1024;

/**
 * Brings the records of all uploads of a process into packs, one after the other.
 *
 * Uploads that end at about the same time share a pack and its fsyncs: while one pack is being sealed, what arrives goes
 * to the next, which is sealed for all of them at once.
 */
export class Ingest {
  readonly #packs: Packs;
  readonly #context: StoreContext;
  readonly #newId: () => Promise<string>;
  /** Chunks that are on their way, by name (latin1). */
  readonly #pending = new Map<string, Promise<OpenPack>>();
  #active: OpenPack | undefined;
  /** Writes and changes of the active pack, in order. */
  #queue: Promise<unknown> = Promise.resolve();
  /** Seals, in order: a pack is never visible before one that was begun earlier. */
  #seals: Promise<unknown> = Promise.resolve();

  constructor(packs: Packs, newId: () => Promise<string>, context: StoreContext) {
    this.#packs = packs;
    this.#newId = newId;
    this.#context = context;
  }

  /** The pack into which a chunk is going, if it is on its way. */
  pending(key: string): Promise<OpenPack> | undefined {
    return this.#pending.get(key);
  }

  /** Writes records once they are encoded; from now on `keys` are pending. Resolves when they are in a pack, not yet durable. */
  append(keys: readonly string[], encoded: Promise<EncodedRecords>): Promise<OpenPack> {
    // The encoding goes on meanwhile; its failure is met when its turn comes.
    encoded.catch(() => undefined);
    const appended = this.#inOrder(async () => this.#write(keys, await encoded));
    appended.catch(() => {
      this.#forget(keys, appended);
    });
    for (const key of keys) this.#pending.set(key, appended);
    return appended;
  }

  /**
   * Writes records (a recipe) that must not be visible before `needed` is: into the pack that is being written, once all
   * of `needed` are in it or sealed.
   */
  appendAfter(needed: ReadonlySet<OpenPack>, key: string, encoded: EncodedRecords): Promise<OpenPack> {
    const appended = this.#appendAfter(needed, key, encoded);
    appended.catch(() => {
      this.#forget([key], appended);
    });
    this.#pending.set(key, appended);
    return appended;
  }

  /** Makes a pack durable and visible, with all that is appended to it until its turn comes. */
  async seal(pack: OpenPack): Promise<void> {
    const turn = this.#seals.then(async () => {
      const isOurs = await this.#inOrder(async () => {
        if (this.#active !== pack) return false;
        this.#active = undefined;
        return true;
      });
      if (isOurs) await this.#finish(pack);
    });
    this.#seals = turn;
    await turn;
    await pack.sealed;
  }

  /** Seals what was written and is not visible yet. */
  async close(): Promise<void> {
    await this.#queue;
    const pack = this.#active;
    if (pack) await this.seal(pack).catch(() => undefined);
    await this.#seals.catch(() => undefined);
  }

  async #appendAfter(needed: ReadonlySet<OpenPack>, key: string, encoded: EncodedRecords): Promise<OpenPack> {
    for (;;) {
      const appended = await this.#inOrder(async () => {
        const earlier = [...needed].filter((pack) => pack !== this.#active);
        return earlier.length === 0 || (await areSealed(earlier)) ? this.#write([key], encoded) : undefined;
      });
      if (appended) return appended;
      await Promise.all([...needed].filter((pack) => pack !== this.#active).map((pack) => pack.sealed));
    }
  }

  async #write(keys: readonly string[], encoded: EncodedRecords): Promise<OpenPack> {
    this.#context.signal.throwIfAborted();
    const pack = (this.#active ??= await OpenPack.create(await this.#newId(), this.#packs, this.#context));
    try {
      await pack.append(encoded);
    } catch (error) {
      this.#active = undefined;
      await pack.fail(error);
      for (const key of pack.keys) this.#pending.delete(key);
      throw error;
    }
    pack.keys.push(...keys);
    if (pack.size >= PACK_LIMIT) {
      this.#active = undefined;
      this.#seals = this.#seals.then(() => this.#finish(pack));
    }
    return pack;
  }

  /** Never rejects: who waits for a pack asks `sealed`. */
  async #finish(pack: OpenPack): Promise<void> {
    await pack.seal();
    for (const key of pack.keys) this.#pending.delete(key);
  }

  #forget(keys: readonly string[], appended: Promise<OpenPack>): void {
    for (const key of keys) if (this.#pending.get(key) === appended) this.#pending.delete(key);
  }

  #inOrder<Value>(action: () => Promise<Value>): Promise<Value> {
    const result = this.#queue.then(action);
    this.#queue = result.catch(() => undefined);
    return result;
  }
}

async function areSealed(packs: readonly OpenPack[]): Promise<boolean> {
  const waiting = Symbol('waiting');
  // A promise that has settled wins against one that resolves now; one that was rejected throws here.
  const states = await Promise.all(packs.map((pack) => Promise.race([pack.sealed, Promise.resolve(waiting)])));
  return !states.includes(waiting);
}
