import type { PackEntry, PackIndex } from './pack-index.ts';

/** A pack that may be read: its id and its index. */
export interface IndexedPack {
  readonly id: string;
  readonly index: PackIndex;
}

/** Where a record is. */
export interface Place<Pack extends IndexedPack> extends PackEntry {
  readonly pack: Pack;
}

const SMALLEST = 1024;

/**
 * Finds records by name over all packs: an open-addressing table of numbers over the sorted indexes.
 *
 * Beside the indexes themselves it takes 8 to 16 bytes for each entry. A name may stand in several packs; any of them
 * will do.
 */
export class ChunkTable<Pack extends IndexedPack> {
  /** Where each pack's entries begin in the numbering of all entries; ascending. */
  #ranges: { readonly first: number; readonly pack: Pack }[] = [];
  #slots = new Uint32Array(SMALLEST);
  #entries = 0;
  readonly #dropped = new Set<Pack>();

  add(pack: Pack): void {
    const { index } = pack;
    if ((this.#entries + index.count) * 2 > this.#slots.length) this.#grow(this.#entries + index.count);
    this.#insert(pack);
  }

  /** Forgets a pack. Its numbers stay until the table grows, and are passed over. */
  drop(pack: Pack): void {
    this.#dropped.add(pack);
  }

  /** Looks a name up that stands in `bytes` at `from`; `accepts` may leave packs out. */
  find(bytes: Uint8Array, from = 0, accepts?: (pack: Pack) => boolean): Place<Pack> | undefined {
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(bytes, from) & mask; ; slot = (slot + 1) & mask) {
      const number = this.#slots[slot] ?? 0;
      if (number === 0) return undefined;
      const range = this.#rangeOf(number - 1);
      if (!range?.pack.index.isNamed(number - 1 - range.first, bytes, from)) continue;
      if (this.#dropped.has(range.pack) || accepts?.(range.pack) === false) continue;
      return { ...range.pack.index.entryAt(number - 1 - range.first), pack: range.pack };
    }
  }

  #grow(entries: number): void {
    let size = this.#slots.length;
    while (size < entries * 3) size *= 2;
    this.#slots = new Uint32Array(size);
    const packs = this.#ranges.map(({ pack }) => pack).filter((pack) => !this.#dropped.has(pack));
    this.#dropped.clear();
    this.#ranges = [];
    this.#entries = 0;
    for (const pack of packs) this.#insert(pack);
  }

  #insert(pack: Pack): void {
    const mask = this.#slots.length - 1;
    this.#ranges.push({ first: this.#entries, pack });
    for (let index = 0; index < pack.index.count; index++) {
      let slot = hashOf(pack.index.nameAt(index), 0) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = this.#entries + index + 1;
    }
    this.#entries += pack.index.count;
  }

  #rangeOf(number: number) {
    let [low, high] = [0, this.#ranges.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#ranges[middle]?.first ?? 0) <= number) low = middle;
      else high = middle - 1;
    }
    return this.#ranges[low];
  }
}

/** Names are digests: any four bytes of them are a hash. */
function hashOf(bytes: Uint8Array, from: number): number {
  const [a = 0, b = 0, c = 0, d = 0] = [bytes[from], bytes[from + 1], bytes[from + 2], bytes[from + 3]];
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0;
}
