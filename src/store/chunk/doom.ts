import type { StoreContext } from '../engines/contract.ts';

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

/** Reads what a store says of its packs. */
export async function readDoom(root: string, { files }: Pick<StoreContext, 'files'>): Promise<Doom> {
  return parseDoom((await files.readIfExists(doomPath(root))) ?? '');
}

/** Says durably, for all processes, which packs are doomed. */
export async function writeDoom(root: string, doom: Doom, { files }: Pick<StoreContext, 'files'>): Promise<void> {
  await files.write(doomPath(root), `${JSON.stringify(doom)}\n`);
}

function doomPath(root: string): string {
  return `${root}/gc.json`;
}
