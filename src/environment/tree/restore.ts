import { createHash } from 'node:crypto';
import { dirname } from 'node:path/posix';
import type { Digest } from '../../model/id.ts';
import type { ListTreeOptions, TreeEntry } from '../../platform/list-tree.ts';
import type { DistributionContext } from '../distributions/contract.ts';
import { digestOfStream } from '../keep.ts';
import { readTar, type TarEntry } from './tar.ts';

/** Files up to this size are compared in memory. */
const COMPARE_BYTES = 4 * 1024 * 1024;
/** How many files are written at once. */
const AT_ONCE = 16;

/** What is put back, and where. */
export interface RestoreTree extends ListTreeOptions {
  /** Absolute. */
  readonly root: string;
  readonly archive: Digest;
  /** Whether a path of the tree is put back; all others are left as they are. */
  readonly covers: (path: string) => boolean;
  /** Called before anything is changed, with the paths that will be written or removed. */
  readonly before?: (paths: readonly string[]) => Promise<void>;
}

/** A file that lies ready to be moved to its place, or a link to be made there. */
interface Ready {
  readonly entry: TarEntry;
  readonly staged?: string;
}

/** What is different from the archive. */
interface Changes {
  readonly ready: readonly Ready[];
  /** Files whose bits alone differ. */
  readonly modes: readonly TarEntry[];
  /** What the archive does not have. */
  readonly extra: readonly string[];
}

/**
 * Makes the covered part of a tree as the archive has it, file by file; only what differs is touched.
 *
 * Nothing is changed before the whole archive has been read and verified: what is new waits in a folder beside, then
 * is renamed to its place. Begun again after a crash it goes on with what is still different.
 */
export async function restoreTree(request: RestoreTree, context: DistributionContext): Promise<void> {
  const { root, before } = request;
  const { files } = context;
  await files.makeDirectory(root);
  const stage = await stageFor(root, context);
  try {
    const changes = await prepare(request, stage, context);
    await before?.([...changes.ready.map(({ entry }) => entry.path), ...changes.extra]);
    await change(root, changes, context);
  } finally {
    await files.remove(stage);
  }
  // One flush of the file system instead of one for each file. Where there is no such program, the kernel does it later.
  await context.exec('sync', ['-f', root]);
}

/**
 * Makes an empty folder for files on their way to a directory. Who makes it removes it.
 *
 * A rename cannot cross file systems: files for another disk wait in the tree itself.
 */
export async function stageFor(root: string, { files, stage }: DistributionContext): Promise<string> {
  await files.makeDirectory(stage);
  const [here, there] = [await files.stat(root), await files.stat(stage)];
  const name = createHash('sha256').update(root).digest('hex').slice(0, 16);
  const path = here?.device === there?.device ? `${stage}/${name}` : `${root}/.restage-${name}`;
  await files.remove(path);
  await files.makeDirectory(path);
  return path;
}

async function prepare(request: RestoreTree, stage: string, context: DistributionContext): Promise<Changes> {
  const { root, archive, covers, skip } = request;
  const { content, listTree, signal } = context;
  const { entries } = await listTree(root, skip && { skip });
  const present = new Map(entries.filter(({ path }) => covers(path)).map((entry) => [entry.path, entry]));
  const wanted = new Set<string>();
  const ready: Ready[] = [];
  const modes: TarEntry[] = [];
  await using writes = openWrites();
  for await (const { entry, body } of readTar((await content.stream(archive)) as AsyncIterable<Buffer>)) {
    signal.throwIfAborted();
    if (!covers(entry.path)) continue;
    wanted.add(entry.path);
    const there = present.get(entry.path);
    if (entry.kind === 'link') {
      if (there?.target !== entry.target) ready.push({ entry });
      continue;
    }
    const staged = `${stage}/${ready.length}`;
    if (entry.size > COMPARE_BYTES) {
      await writeStaged(staged, entry, body(), context);
      if (there && (await isSameBig(`${root}/${entry.path}`, there, staged, context)))
        await context.files.remove(staged);
      else ready.push({ entry, staged });
      continue;
    }
    const bytes = await allBytes(body());
    if (there && (await isSame(`${root}/${entry.path}`, there, bytes, context))) {
      if (there.mode !== entry.mode) modes.push(entry);
      continue;
    }
    ready.push({ entry, staged });
    await writes.add(writeStaged(staged, entry, [bytes], context));
  }
  await writes.finish();
  return { ready, modes, extra: [...present.keys()].filter((path) => !wanted.has(path)) };
}

/** Writes that go on while the archive is read. What fails is thrown by `add` or `finish`; disposing waits for all. */
function openWrites(): AsyncDisposable & { add(write: Promise<void>): Promise<void>; finish(): Promise<void> } {
  let waiting: Promise<void>[] = [];
  const finish = async () => {
    const all = waiting;
    await Promise.all(all);
    waiting = [];
  };
  return {
    finish,
    add: async (write) => {
      write.catch(() => undefined); // It is thrown when it is waited for.
      waiting.push(write);
      if (waiting.length >= AT_ONCE) await finish();
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.allSettled(waiting);
    },
  };
}

async function isSame(
  path: string,
  there: TreeEntry,
  bytes: Buffer,
  { files }: Pick<DistributionContext, 'files'>,
): Promise<boolean> {
  return there.kind === 'file' && there.size === bytes.length && bytes.equals(await files.read(path));
}

async function isSameBig(
  path: string,
  there: TreeEntry,
  staged: string,
  { files }: Pick<DistributionContext, 'files'>,
): Promise<boolean> {
  const wanted = await files.stat(staged);
  if (there.kind !== 'file' || there.size !== wanted?.size || there.mode !== wanted.mode) return false;
  const digests = [staged, path].map((file) => digestOfStream(files.stream(file) as AsyncIterable<Buffer>));
  const [a, b] = await Promise.all(digests);
  return a?.digest === b?.digest;
}

/** All pieces as one. */
export async function allBytes(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const piece of pieces) parts.push(piece);
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

/** Writes a new file whose content is not flushed: all of them are, once, at the end. */
export async function writeStaged(
  path: string,
  { mode }: TarEntry,
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
  { files }: Pick<DistributionContext, 'files'>,
): Promise<void> {
  await using file = await files.open(path, 'create');
  let position = 0;
  for await (const piece of pieces) {
    await file.write(position, piece);
    position += piece.length;
  }
  await files.setMode(path, mode);
}

async function change(root: string, { ready, modes, extra }: Changes, context: DistributionContext): Promise<void> {
  const { files, signal } = context;
  for (const path of extra) await files.remove(`${root}/${path}`);
  await removeEmpty(root, extra, files);
  const directories = new Set<string>(['.']);
  for (const { entry, staged } of ready) {
    signal.throwIfAborted();
    const path = `${root}/${entry.path}`;
    await makeParent(root, dirname(entry.path), directories, files);
    const there = await files.stat(path);
    // A file replaces a file or a link in one step; nothing replaces a directory, and a link cannot be made over anything.
    if (there && (there.kind === 'directory' || staged === undefined)) await files.remove(path);
    if (staged === undefined) await files.makeLink(entry.target ?? '', path);
    else await files.rename(staged, path);
  }
  for (const { path, mode } of modes) await files.setMode(`${root}/${path}`, mode);
}

/** Makes a directory below the root, and those above it. A link among them is replaced: what is behind it is not ours to write to. */
export async function makeParent(
  root: string,
  directory: string,
  made: Set<string>,
  files: DistributionContext['files'],
): Promise<void> {
  if (made.has(directory)) return;
  await makeParent(root, dirname(directory), made, files);
  const there = await files.stat(`${root}/${directory}`);
  if (there && there.kind !== 'directory') await files.remove(`${root}/${directory}`);
  await files.makeDirectory(`${root}/${directory}`);
  made.add(directory);
}

/** Removes the directories that the removal of files has left empty. */
export async function removeEmpty(
  root: string,
  removed: readonly string[],
  files: DistributionContext['files'],
): Promise<void> {
  const seen = new Set<string>(['.']);
  for (const path of removed) {
    for (let directory = dirname(path); !seen.has(directory); directory = dirname(directory)) {
      const isDirectory = (await files.stat(`${root}/${directory}`))?.kind === 'directory';
      if (!isDirectory || (await files.list(`${root}/${directory}`)).length > 0) break;
      seen.add(directory);
      await files.remove(`${root}/${directory}`);
    }
  }
}
