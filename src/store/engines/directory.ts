import { RestageError } from '../../errors.ts';
import type { ChunkPlane } from '../chunk/contract.ts';
import { openChunkPlane } from '../chunk/open.ts';
import { DirectoryStore } from '../directory-store.ts';
import { openHistory } from '../git/open-history.ts';
import { adoptRepository, createRepository } from '../git/repository.ts';
import { parseStoreFile, writeStoreFile } from '../store-file.ts';
import type { StoreDescription } from '../contract.ts';
import { defineStoreEngine, type OpenStore, type StoreContext } from './contract.ts';

/** A bare git repository and packs of chunks in one directory: the engine that needs nothing but git. */
export const directory = defineStoreEngine({
  id: 'directory',
  summary: 'A directory: a bare git repository, and packs of chunks',

  async open(options, context) {
    const description = await openStoreFile(options, context);
    const mode = options.mode === 'read' ? 'read' : 'write';
    const history = await openHistory(options.directory, mode, context);
    let chunks: ChunkPlane;
    try {
      chunks = await openChunkPlane(`${options.directory}/chunks`, mode, context);
    } catch (error) {
      await history.close();
      throw error;
    }
    return new DirectoryStore(description, {
      history,
      chunks,
      context,
      ...(options.inline !== undefined && { inline: options.inline }),
    });
  },
});

/** Reads `store.json`, or makes the store: repository first, so that whoever sees the file sees a whole store. */
async function openStoreFile({ directory: place, mode }: OpenStore, context: StoreContext): Promise<StoreDescription> {
  const { files, random } = context;
  const file = `${place}/store.json`;
  const text = await files.readIfExists(file);
  const there = text === undefined ? undefined : parseStoreFile(text, file);
  if (there) return { engine: there.engine, id: there.id, place };
  if (mode !== 'create') throw new RestageError('workspace/missing', `there is no store in ${place}`);
  if (await files.exists(`${place}/.git/HEAD`)) await adoptRepository(`${place}/.git`, context);
  else await createRepository(`${place}/.git`, context);
  const made = { format: 1, id: random.uuid(), engine: 'directory', chunker: 'cdc-64k' } as const;
  // Two may make it at once: the file of the first counts for both. It must never be seen half written.
  const temporary = `${file}.${made.id}.tmp`;
  await files.write(temporary, writeStoreFile(made));
  const isFirst = await linkOrRename(temporary, file, context);
  await files.remove(temporary);
  await files.syncDirectory(place);
  return isFirst
    ? { engine: made.engine, id: made.id, place }
    : openStoreFile({ directory: place, mode: 'write' }, context);
}

/** Answers `false` if the file is there. Where links cannot be made, the last one wins. */
async function linkOrRename(from: string, to: string, { files }: StoreContext): Promise<boolean> {
  try {
    return await files.link(from, to);
  } catch (error) {
    if (!(error instanceof RestageError && error.code === 'file/denied')) throw error;
    await files.rename(from, to);
    return true;
  }
}
