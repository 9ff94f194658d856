import type { Context } from '../../platform/context.ts';
import type { Locks } from '../lock.ts';
import type { ObjectId } from './object.ts';
import { type EncodedPack, encodePack, type PackObject } from './pack.ts';
import { encodePackIndex } from './pack-index.ts';

/** A ref that moves together with a pack. Its lock is held by who writes. */
export interface RefUpdate {
  readonly name: string;
  readonly before: ObjectId | undefined;
  readonly after: ObjectId;
}

/** What is to be written as one: all of it durable and visible, or nothing. */
export interface Publication {
  readonly objects: readonly PackObject[];
  readonly refs: readonly RefUpdate[];
}

/** What a publication is written with. */
export interface PublishContext {
  readonly gitDirectory: string;
  /** Where files stand until they are complete; on the same file system. */
  readonly temporary: string;
  readonly locks: Locks;
  readonly files: Context['files'];
  readonly random: Context['random'];
}

/** A publication between its steps: `sync`, `link`, then `release`; or `withdraw` after one of them has failed. */
export class Publishing {
  readonly #context: PublishContext;
  readonly #refs: readonly RefUpdate[];
  readonly #pack: EncodedPack | undefined;
  readonly #directory: string;
  /** The pack without suffix, and the temporary files without theirs. */
  readonly #name: string;
  readonly #stem: string;
  readonly #placed: string[] = [];
  readonly #moved: RefUpdate[] = [];

  /** Nothing is touched before `sync`. */
  constructor({ objects, refs }: Publication, context: PublishContext) {
    const { gitDirectory, temporary, locks, random } = context;
    this.#context = context;
    this.#refs = refs;
    this.#pack = objects.length === 0 ? undefined : encodePack(objects);
    this.#directory = `${gitDirectory}/objects/pack`;
    this.#name = `${this.#directory}/pack-${this.#pack?.checksum ?? ''}`;
    this.#stem = `${temporary}/${locks.owner.id}-${random.hex(4)}`;
  }

  /** Writes and syncs everything under temporary names. */
  async sync(): Promise<void> {
    const { files, locks } = this.#context;
    const writes = this.#refs.map(({ after }, index) =>
      writeSynced(`${this.#stem}.ref${index}`, [Buffer.from(`${after}\n`)], files),
    );
    if (this.#pack) {
      const { entries, checksum, parts } = this.#pack;
      // git must not repack what no ref names yet.
      writes.push(locks.mark(`${this.#name}.keep`), writeSynced(`${this.#stem}.pack`, parts, files));
      writes.push(writeSynced(`${this.#stem}.idx`, [encodePackIndex(entries, checksum)], files));
    }
    await allSettledOrThrow(writes);
  }

  /** Renames all of it to where it is seen, pack first, refs last; durable when it resolves. */
  async link(): Promise<void> {
    const { files } = this.#context;
    if (this.#pack) {
      // A pack without index is invisible to git, an index without pack is an error.
      for (const suffix of ['.pack', '.idx']) {
        await files.rename(this.#stem + suffix, this.#name + suffix);
        this.#placed.push(this.#name + suffix);
      }
      await files.syncDirectory(this.#directory);
    }
    for (const [index, ref] of this.#refs.entries()) {
      const path = this.#pathOf(ref);
      await files.rename(`${this.#stem}.ref${index}`, path);
      this.#moved.push(ref);
      await files.syncDirectory(path.slice(0, path.lastIndexOf('/')));
    }
  }

  /** Lets others repack the pack from now on. */
  async release(): Promise<void> {
    if (this.#pack) await this.#context.files.remove(`${this.#name}.keep`);
  }

  /** Takes away what is there. Never throws. */
  async withdraw(): Promise<void> {
    const { files } = this.#context;
    let isWithdrawn = true;
    for (const ref of this.#moved) isWithdrawn = (await succeeds(this.#moveBack(ref))) && isWithdrawn;
    for (const suffix of ['.pack', '.idx', ...this.#refs.map((_, index) => `.ref${index}`)]) {
      await succeeds(files.remove(this.#stem + suffix));
    }
    // A ref that could not be moved back still needs its objects.
    if (!isWithdrawn) return;
    for (const path of this.#placed.toReversed()) await succeeds(files.remove(path));
    if (this.#pack) await succeeds(this.release());
  }

  async #moveBack(ref: RefUpdate): Promise<void> {
    const { files } = this.#context;
    const path = this.#pathOf(ref);
    if (ref.before === undefined) await files.remove(path);
    else {
      // Not beside the ref: git would take the temporary file for one.
      await files.write(`${this.#stem}.back`, `${ref.before}\n`);
      await files.rename(`${this.#stem}.back`, path);
    }
  }

  #pathOf({ name }: RefUpdate): string {
    return `${this.#context.gitDirectory}/${name}`;
  }
}

/** Publishes in one go. */
export async function publish(publication: Publication, context: PublishContext): Promise<void> {
  const publishing = new Publishing(publication, context);
  try {
    await publishing.sync();
    await publishing.link();
  } catch (error) {
    await publishing.withdraw();
    throw error;
  }
  await publishing.release();
}

async function writeSynced(path: string, parts: readonly Uint8Array[], files: Context['files']): Promise<void> {
  await using file = await files.open(path, 'create');
  await file.write(0, parts.length === 1 ? parts : Buffer.concat(parts));
  await file.sync();
}

/** Waits for all, so that nothing is still being written when the first failure is reported. */
async function allSettledOrThrow(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) if (result.status === 'rejected') throw result.reason;
}

async function succeeds(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}
