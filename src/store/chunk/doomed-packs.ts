import type { StoreContext } from '../engines/contract.ts';
import type { Packs, SealedPack } from './packs.ts';

/** What stands in `gc.json`: it changes with each collection, before the first pack goes and after the last. */
export interface Doom {
  readonly generation: number;
  /** Packs that are being collected: nothing in them may be relied on. */
  readonly doomed: readonly string[];
}

/** Reads `gc.json`; what cannot be read says nothing. */
export function parseDoom(text: string): Doom {
  try {
    const { generation, doomed } = JSON.parse(text) as Partial<Doom>;
    if (typeof generation === 'number' && Array.isArray(doomed)) return { generation, doomed };
  } catch {
    // As if there had never been a collection.
  }
  return { generation: 0, doomed: [] };
}

/** Where a store says which packs are doomed. */
export function doomPath(root: string): string {
  return `${root}/gc.json`;
}

/** Follows what is being collected by any process. */
export class DoomedPacks {
  readonly #path: string;
  readonly #packs: Packs;
  readonly #context: StoreContext;
  #seen: string | undefined;
  #doomed: ReadonlySet<string> = new Set();

  constructor(root: string, packs: Packs, context: StoreContext) {
    this.#path = doomPath(root);
    this.#packs = packs;
    this.#context = context;
  }

  /** Looks again, and answers which packs may be relied on. */
  async check(): Promise<(pack: SealedPack) => boolean> {
    const text = (await this.#context.files.readIfExists(this.#path)) ?? '';
    if (text !== this.#seen) {
      // Packs may have gone since: those that are still there and not doomed will stay.
      await this.#packs.refresh();
      this.#doomed = new Set(parseDoom(text).doomed);
      this.#seen = text;
    }
    const doomed = this.#doomed;
    return (pack) => !doomed.has(pack.id) && this.#packs.has(pack.id);
  }
}
