import type { Context } from '../../platform/context.ts';
import type { Locks } from '../lock.ts';
import type { ObjectId } from './object.ts';
import { encodePack, type PackObject } from './pack.ts';
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

/** A publication between its steps. */
export interface Publishing {
  /** Writes and syncs everything under temporary names. */
  readonly sync: () => Promise<void>;
  /** Renames all of it to where it is seen, pack first, refs last; durable when it resolves. */
  readonly link: () => Promise<void>;
  /** After success: others may repack the pack from now on. */
  readonly release: () => Promise<void>;
  /** After failure: takes away what is there. Never throws. */
  readonly withdraw: () => Promise<void>;
}

/** Prepares a publication; nothing is touched before `sync`. */
export function preparePublication({ objects, refs }: Publication, context: PublishContext): Publishing {
  const { gitDirectory, temporary, locks, files, random } = context;
  const packDirectory = `${gitDirectory}/objects/pack`;
  const pack = objects.length === 0 ? undefined : encodePack(objects);
  const name = `${packDirectory}/pack-${pack?.checksum ?? ''}`;
  const stem = `${temporary}/${locks.owner.id}-${random.hex(4)}`;
  const placed: string[] = [];
  const moved: RefUpdate[] = [];

  const place = async (suffix: string): Promise<void> => {
    await files.rename(stem + suffix, name + suffix);
    placed.push(name + suffix);
  };
  const move = async (ref: RefUpdate, index: number): Promise<void> => {
    const path = `${gitDirectory}/${ref.name}`;
    await files.rename(`${stem}.ref${index}`, path);
    moved.push(ref);
    await files.syncDirectory(directoryOf(path));
  };
  return {
    sync: async () => {
      const writes = refs.map(({ after }, index) =>
        writeSynced(`${stem}.ref${index}`, [Buffer.from(`${after}\n`)], files),
      );
      if (pack) {
        const index = encodePackIndex(pack.entries, pack.checksum);
        // git must not repack what no ref names yet.
        writes.push(locks.mark(`${name}.keep`));
        writes.push(writeSynced(`${stem}.pack`, pack.parts, files), writeSynced(`${stem}.idx`, [index], files));
      }
      await allSettledOrThrow(writes);
    },
    link: async () => {
      if (pack) {
        // A pack without index is invisible to git, an index without pack is an error.
        await place('.pack');
        await place('.idx');
        await files.syncDirectory(packDirectory);
      }
      for (const [index, ref] of refs.entries()) await move(ref, index);
    },
    release: async () => {
      if (pack) await files.remove(`${name}.keep`);
    },
    withdraw: async () => {
      let isWithdrawn = true;
      for (const { name: ref, before } of moved) {
        const path = `${gitDirectory}/${ref}`;
        const back = before === undefined ? files.remove(path) : files.write(path, `${before}\n`);
        isWithdrawn = (await succeeds(back)) && isWithdrawn;
      }
      for (const suffix of ['.pack', '.idx', ...refs.map((_, index) => `.ref${index}`)]) {
        await succeeds(files.remove(stem + suffix));
      }
      // A ref that could not be moved back still needs its objects.
      if (!isWithdrawn) return;
      for (const path of placed.reverse()) await succeeds(files.remove(path));
      if (pack) await succeeds(files.remove(`${name}.keep`));
    },
  };
}

/** Publishes in one go. */
export async function publish(publication: Publication, context: PublishContext): Promise<void> {
  const publishing = preparePublication(publication, context);
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

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
