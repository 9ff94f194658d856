import { createHash } from 'node:crypto';
import { RestageError } from '../../errors.ts';
import { digestOf } from '../../model/digest.ts';
import type { TreeArchive } from '../../model/environment.ts';
import type { Digest } from '../../model/id.ts';
import type { Remark } from '../../model/plan.ts';
import type { Context } from '../../platform/context.ts';
import type { ListTree, ListTreeOptions, TreeEntry } from '../../platform/list-tree.ts';
import type { Keep } from '../keep.ts';
import { readStatCache, type StatCache } from './stat-cache.ts';
import { TAR_END, tarHeader, tarPadding } from './tar.ts';

/** Files up to this size are read whole, several at a time; bigger ones are streamed. */
const WHOLE_BYTES = 2 * 1024 * 1024;
/** How many files are read ahead. */
const AHEAD = 12;

/** A file or a link of a tree, with its content by digest. */
export interface TreeFile {
  /** Relative to the root of the tree. */
  readonly path: string;
  readonly kind: 'file' | 'link';
  /** Permission bits; 0 for a link. */
  readonly mode: number;
  /** Of the content; of a link, of what it says. */
  readonly digest: Digest;
  readonly target?: string;
}

/** What is to be scanned. */
export interface ScanTree extends ListTreeOptions {
  /** Absolute. */
  readonly root: string;
  /** A file for the digests that are known by stat. */
  readonly cacheFile: string;
}

/** The files of a tree, and the archive that holds them all. */
export interface ScannedTree {
  /** Sorted by path. */
  readonly files: readonly TreeFile[];
  readonly archive: TreeArchive;
  readonly unresolved: readonly Remark[];
}

/** What a scan works with. */
export type ScanContext = Pick<Context, 'files' | 'clock' | 'signal'> & {
  readonly keep: Keep;
  readonly listTree: ListTree;
};

/**
 * Reads a tree once: digests of all files, and their archive handed to `keep` on the way.
 *
 * A tree whose stats are all as they were at an earlier scan is not read at all, if its archive is still kept.
 */
export async function scanTree(request: ScanTree, context: ScanContext): Promise<ScannedTree> {
  const { root, cacheFile, skip } = request;
  const { keep, listTree, clock, files } = context;
  const began = clock.now();
  const listing = await listTree(root, skip && { skip });
  const entries = listing.entries.filter(({ kind }) => kind !== 'other');
  const unresolved: Remark[] = [
    ...listing.denied.map((path) => ({ item: path, why: 'it may not be read' })),
    ...listing.entries.flatMap(({ kind, path }) =>
      kind === 'other' ? [{ item: path, why: 'it is neither a file nor a link' }] : [],
    ),
  ];
  const cache = await readStatCache(cacheFile, files);
  const known = knownFiles(entries, cache);
  const archive = known && cache.archiveOf(digestOfFiles(known));
  if (known && archive && (await keep.hold(archive.digest, archive.bytes)))
    return { files: known, archive, unresolved };

  const found: { readonly file: TreeFile; readonly entry: TreeEntry }[] = [];
  const reading = readTree(root, entries, context, { found, unresolved });
  const { digest, size } = await keep.take(reading);
  const scanned = found.map(({ file }) => file);
  const made = { digest, bytes: size, files: scanned.length };
  await cache.write(found, { tree: digestOfFiles(scanned), archive: made, began });
  return { files: scanned, archive: made, unresolved };
}

/** The digest of a set of files: over paths, modes and contents, and nothing else. */
export function digestOfFiles(files: readonly TreeFile[]): Digest {
  const hash = createHash('sha256');
  for (const file of files) hash.update(fileLine(file));
  return `sha256:${hash.digest('hex')}` as Digest;
}

/** Groups the files of a tree: of each part how many there are, and their digest. */
export function partsOf(
  files: readonly TreeFile[],
  partOf: (path: string) => string,
): Map<string, { readonly files: number; readonly digest: Digest }> {
  const hashes = new Map<string, { readonly hash: ReturnType<typeof createHash>; count: number }>();
  for (const file of files) {
    const part = partOf(file.path);
    let entry = hashes.get(part);
    if (!entry) hashes.set(part, (entry = { hash: createHash('sha256'), count: 0 }));
    entry.hash.update(fileLine(file));
    entry.count += 1;
  }
  return new Map(
    Array.from(hashes, ([part, { hash, count }]) => [
      part,
      { files: count, digest: `sha256:${hash.digest('hex')}` as Digest },
    ]),
  );
}

function fileLine({ path, kind, mode, digest }: TreeFile): string {
  return `${kind} ${mode.toString(8)} ${digest} ${path}\0`;
}

function knownFiles(entries: readonly TreeEntry[], cache: StatCache): readonly TreeFile[] | undefined {
  const known: TreeFile[] = [];
  for (const entry of entries) {
    const digest = entry.kind === 'link' ? digestOf(entry.target ?? '') : cache.digestOf(entry);
    if (!digest) return undefined;
    known.push(treeFile(entry, digest));
  }
  return known;
}

function treeFile(entry: TreeEntry, digest: Digest): TreeFile {
  const { path, kind, mode, target } = entry;
  if (kind === 'link') return { path, kind, mode: 0, digest, ...(target !== undefined && { target }) };
  return { path, kind: 'file', mode, digest };
}

interface Findings {
  readonly found: { readonly file: TreeFile; readonly entry: TreeEntry }[];
  readonly unresolved: Remark[];
}

/** The archive of a tree as it is read; what is found on the way is added to `findings`. */
async function* readTree(
  root: string,
  entries: readonly TreeEntry[],
  { files, signal }: ScanContext,
  { found, unresolved }: Findings,
): AsyncGenerator<Uint8Array> {
  const ahead = new Map<TreeEntry, Promise<Buffer>>();
  const readAhead = (entry: TreeEntry | undefined) => {
    if (entry?.kind !== 'file' || entry.size > WHOLE_BYTES) return;
    const reading = files.read(`${root}/${entry.path}`);
    reading.catch(() => undefined); // It is awaited in its turn, or never.
    ahead.set(entry, reading);
  };
  for (const entry of entries.slice(0, AHEAD)) readAhead(entry);
  for (const [index, entry] of entries.entries()) {
    signal.throwIfAborted();
    const reading = ahead.get(entry);
    ahead.delete(entry);
    readAhead(entries[index + AHEAD]);
    try {
      if (entry.kind === 'link') yield* linkEntry(entry, found);
      else if (reading) yield* wholeFile(entry, await reading, found);
      else yield* readBig(root, entry, files, found);
    } catch (error) {
      if (!(error instanceof RestageError) || !error.code.startsWith('file/')) throw error;
      unresolved.push({ item: entry.path, why: error.message });
    }
  }
  yield TAR_END;
}

function* linkEntry(entry: TreeEntry, found: Findings['found']): Generator<Uint8Array> {
  const { path, target = '' } = entry;
  yield tarHeader({ path, kind: 'link', mode: 0o777, size: 0, target });
  found.push({ entry, file: treeFile(entry, digestOf(target)) });
}

function* wholeFile(entry: TreeEntry, bytes: Buffer, found: Findings['found']): Generator<Uint8Array> {
  yield tarHeader({ path: entry.path, kind: 'file', mode: entry.mode, size: bytes.length });
  yield bytes;
  yield tarPadding(bytes.length);
  found.push({ entry: { ...entry, size: bytes.length }, file: treeFile(entry, digestOf(bytes)) });
}

/** A header has said how long the file is: one that grows or shrinks meanwhile is cut or filled up. */
async function* readBig(
  root: string,
  entry: TreeEntry,
  files: ScanContext['files'],
  found: Findings['found'],
): AsyncGenerator<Uint8Array> {
  const { path, mode, size } = entry;
  const hash = createHash('sha256');
  yield tarHeader({ path, kind: 'file', mode, size });
  let left = size;
  for await (const bytes of files.stream(`${root}/${path}`, { start: 0, end: size }) as AsyncIterable<Buffer>) {
    const piece = bytes.subarray(0, left);
    left -= piece.length;
    hash.update(piece);
    yield piece;
  }
  const missing = Buffer.alloc(left);
  hash.update(missing);
  yield missing;
  yield tarPadding(size);
  found.push({ entry, file: treeFile(entry, `sha256:${hash.digest('hex')}` as Digest) });
}
