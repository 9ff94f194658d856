import { RestageError } from '../../errors.ts';
import { makeDurableDirectory } from '../durable-directory.ts';
import type { StoreContext } from '../engines/contract.ts';
import { type Locks, openLocks } from '../lock.ts';
import { ownerOf } from '../owner.ts';
import { createCatFile } from './cat-file.ts';
import { GroupCommit } from './group-commit.ts';
import { type HeadWatch, watchHead } from './head-watch.ts';
import { History } from './history.ts';
import { createIndexFiles, type IndexFiles } from './index-files.ts';
import { LogIndex } from './log-index.ts';
import { createMaintenance } from './maintenance.ts';
import { ObjectReader } from './object-reader.ts';
import type { PublishContext } from './pack-writer.ts';
import { cleanUp, restoreHead } from './recovery.ts';
import { createRefReader, type RefReader } from './ref-file.ts';
import { inspectRepository } from './repository.ts';
import { createRequestMemory } from './request-memory.ts';
import { Trees } from './tree-edit.ts';

/** The history plane of a store, open. */
export interface HistoryPlane {
  readonly gitDirectory: string;
  readonly branch: string;
  readonly history: History;
  readonly objects: ObjectReader;
  readonly trees: Trees;
  readonly index: LogIndex;
  readonly refs: RefReader;
  readonly watch: HeadWatch;
  /** What is written with; absent in a store that is opened for reading. */
  readonly writer?: HistoryWriter;
  close(): Promise<void>;
}

/** What a store that is open for writing has besides. */
export interface HistoryWriter {
  readonly commits: GroupCommit;
  readonly publish: PublishContext;
  readonly locks: Locks;
  close(): Promise<void>;
}

/** Commits after which the index is written to disk. Who opens the store walks over those that are missing there. */
const FLUSH_EVERY = 64;

/** Opens the history below a store's directory; for writing, what earlier processes left half done is cleaned up first. */
export async function openHistory(
  directory: string,
  mode: 'write' | 'read',
  context: StoreContext,
): Promise<HistoryPlane> {
  const { files, clock } = context;
  const gitDirectory = `${directory}/.git`;
  const branch = await inspectRepository(gitDirectory, context);
  const objects = new ObjectReader(gitDirectory, files, createCatFile(gitDirectory, context.start));
  const trees = new Trees(objects);
  const index = new LogIndex();
  const indexFiles = createIndexFiles(`${directory}/index`, files);
  await indexFiles.load(index);
  const refs = createRefReader(gitDirectory, files, clock.now);
  const history = new History({ objects, trees, refs, index, branch });
  const watch = watchHead(`${gitDirectory}/${branch.slice(0, branch.lastIndexOf('/'))}`, context);
  const parts = { gitDirectory, branch, history, objects, trees, index, refs, watch };
  const writer = mode === 'write' ? await openWriter(directory, { ...parts, indexFiles }, context) : undefined;
  return {
    ...parts,
    ...(writer && { writer }),
    close: async () => {
      await writer?.close();
      await Promise.allSettled([watch.close(), objects.close()]);
    },
  };
}

/** The writer of a plane. @throws {RestageError} `file/denied` when the store was opened for reading */
export function writerOf({ writer, gitDirectory }: HistoryPlane): HistoryWriter {
  if (writer) return writer;
  throw new RestageError('file/denied', `${gitDirectory} was opened for reading`);
}

async function openWriter(
  directory: string,
  parts: Omit<HistoryPlane, 'close' | 'writer'> & { readonly indexFiles: IndexFiles },
  context: StoreContext,
): Promise<HistoryWriter> {
  const { files, random, clock, host } = context;
  const { gitDirectory, branch, index, indexFiles, watch } = parts;
  const [temporary, lockDirectory] = [`${directory}/tmp`, `${directory}/lock`];
  for (const made of [temporary, `${directory}/index`]) await makeDurableDirectory(made, files);
  await cleanUp({ store: directory, gitDirectory, temporary, locks: lockDirectory }, context);
  const locks = await openLocks(lockDirectory, ownerOf(host, random.hex(8)), context);
  const publishing = { gitDirectory, temporary, locks, files, random };
  const maintenance = createMaintenance(
    { gitDirectory, locks, lockFile: `${lockDirectory}/maintenance.lock` },
    context,
  );
  const commits = new GroupCommit({
    ...{ ...parts, ...publishing, now: clock.now },
    requests: createRequestMemory(`${directory}/index/requests`, files, clock.now),
    written: async () => {
      watch.announce();
      maintenance.wrote();
      if (indexFiles.pending(index) >= FLUSH_EVERY) await indexFiles.flush(index);
    },
  });
  try {
    await restoreHead(parts, { locks, publishing, context });
  } catch (error) {
    await locks.close();
    throw error;
  }
  return {
    ...{ commits, publish: publishing, locks },
    close: async () => {
      await commits.drain();
      await maintenance.drain();
      const lock = indexFiles.pending(index) > 0 ? await locks.tryTake(`${gitDirectory}/${branch}.lock`) : undefined;
      if (lock) await indexFiles.flush(index).catch(() => undefined);
      await Promise.allSettled([lock?.release()]);
      await locks.close().catch(() => undefined);
    },
  };
}
