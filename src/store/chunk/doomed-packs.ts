import type { StoreContext } from '../engines/contract.ts';
import { type Doom, readDoom } from './doom.ts';
import type { Packs, SealedPack } from './packs.ts';

/** Follows what is being collected by any process. */
export class DoomedPacks {
  readonly #root: string;
  readonly #packs: Packs;
  readonly #context: StoreContext;
  #seen: Doom['generation'] | undefined;
  #doomed: ReadonlySet<string> = new Set();

  constructor(root: string, packs: Packs, context: StoreContext) {
    this.#root = root;
    this.#packs = packs;
    this.#context = context;
  }

  /** Looks again, and answers which packs may be relied on. */
  async check(): Promise<(pack: SealedPack) => boolean> {
    const { generation, doomed: ids } = await readDoom(this.#root, this.#context);
    if (generation !== this.#seen) {
      // Packs may have gone since: those that are still there and not doomed will stay.
      await this.#packs.refresh();
      this.#doomed = new Set(ids);
      this.#seen = generation;
    }
    const doomed = this.#doomed;
    return (pack) => !doomed.has(pack.id) && this.#packs.has(pack.id);
  }
}
