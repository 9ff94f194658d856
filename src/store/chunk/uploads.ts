import { NAME_BYTES } from '../../model/slices.ts';
import type { StoreContext } from '../engines/contract.ts';
import { type Locks, openLocks } from '../lock.ts';
import { isGone, ownerOf, parseOwner } from '../owner.ts';
import { DoomedPacks } from './doomed-packs.ts';
import type { Packs, SealedPack } from './packs.ts';

/**
 * What is being uploaded, shown to whoever collects garbage at the same time, in any process.
 *
 * An upload that finds a chunk in the store must be sure that the chunk stays. So it first writes the chunk's name into
 * a file of its own, and then looks which packs are doomed; a collector first writes which packs are doomed, and then
 * looks for names. Whatever the order, one of the two sees the other: either the upload stores the chunk anew, or the
 * collector keeps it.
 */
export class Uploads {
  readonly #directory: string;
  readonly #context: StoreContext;
  readonly #doomed: DoomedPacks;
  readonly #writerId: string;
  #locks: Promise<Locks> | undefined;
  #uploads = 0;
  #packs = 0;

  constructor(root: string, packs: Packs, context: StoreContext) {
    this.#directory = `${root}/lock`;
    this.#context = context;
    this.#doomed = new DoomedPacks(root, packs, context);
    this.#writerId = context.random.hex(8);
  }

  /** A name for a pack of this writer, whose record is on disk from now on: a pack without one belongs to nobody. */
  async newPackId(): Promise<string> {
    await this.locks();
    return `${this.#writerId}-${this.#packs++}`;
  }

  /** Locks in the name of this writer. */
  async locks(): Promise<Locks> {
    const opening = (this.#locks ??= openLocks(
      this.#directory,
      ownerOf(this.#context.host, this.#writerId),
      this.#context,
    ));
    try {
      return await opening;
    } catch (error) {
      // The disk may have room the next time.
      this.#locks = undefined;
      throw error;
    }
  }

  async begin(): Promise<Upload> {
    await this.locks();
    const path = `${this.#directory}/writer-${this.#writerId}-${this.#uploads++}.names`;
    // Not durable: after a crash of the machine there is no upload any more.
    const file = await this.#context.files.open(path, 'create');
    let size = 0;
    return {
      claim: async (names) => {
        const at = size;
        size += names.length;
        await file.write(at, names);
        return this.#doomed.check();
      },
      [Symbol.asyncDispose]: async () => {
        await file.close().catch(() => undefined);
        await this.#context.files.remove(path).catch(() => undefined);
      },
    };
  }

  async close(): Promise<void> {
    await (await this.#locks?.catch(() => undefined))?.close().catch(() => undefined);
  }
}

/** One upload. Disposed when its content is visible or given up. */
export interface Upload extends AsyncDisposable {
  /** Protects chunks (32 bytes each) from collection; answers in which packs those that are there may be relied on. */
  claim(names: Uint8Array): Promise<(pack: SealedPack) => boolean>;
}

/** All names that uploads in flight have claimed, as latin1 keys. */
export async function claimedNames(root: string, context: StoreContext): Promise<Set<string>> {
  const { files } = context;
  const claimed = new Set<string>();
  for (const { name } of await files.list(`${root}/lock`)) {
    const writer = /^(writer-[0-9a-f]+)-\d+\.names$/.exec(name)?.[1];
    if (writer === undefined) continue;
    const owner = parseOwner((await files.readIfExists(`${root}/lock/${writer}.json`)) ?? '');
    if (owner && (await isGone(owner, context))) continue;
    const bytes = await files.read(`${root}/lock/${name}`).catch(() => Buffer.alloc(0));
    for (let at = 0; at + NAME_BYTES <= bytes.length; at += NAME_BYTES) {
      claimed.add(bytes.toString('latin1', at, at + NAME_BYTES));
    }
  }
  return claimed;
}
