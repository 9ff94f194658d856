import { constants, createReadStream, type Stats } from 'node:fs';
import * as fs from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { RestageError } from '../errors.ts';

/**
 * The files of one place. Paths are absolute.
 *
 * Absence is an answer where the result says so (`undefined`, `false`) and `file/missing` elsewhere; a right that is
 * missing is `file/denied`, a full disk `store/full`. *Durable* means: after the promise has resolved, a power cut
 * leaves the new content. What is not called durable may be lost or half there.
 */
export interface Files {
  /** The whole file. */
  readonly read: (path: string) => Promise<Buffer>;
  /** The whole file as UTF-8. */
  readonly readText: (path: string) => Promise<string>;
  /** The whole file as UTF-8, or `undefined` if there is none. */
  readonly readIfExists: (path: string) => Promise<string | undefined>;
  /** The bytes of a file as they are read, from `start` up to before `end`. */
  readonly stream: (path: string, range?: { readonly start?: number; readonly end?: number }) => Readable;
  /** Of the file itself and not what a link points to; `undefined` if there is nothing. */
  readonly stat: (path: string) => Promise<FileStat | undefined>;
  readonly exists: (path: string) => Promise<boolean>;
  /** The entries of a directory, sorted by name; empty if there is no directory. */
  readonly list: (path: string) => Promise<readonly FileEntry[]>;
  /** What a symbolic link says. */
  readonly readLink: (path: string) => Promise<string>;
  /** The path without links and dots. */
  readonly realPath: (path: string) => Promise<string>;
  /** Replaces a file whole and durably: temporary file, fsync, rename, fsync of the directory. Makes directories. */
  readonly write: (path: string, content: string | Uint8Array, options?: WriteOptions) => Promise<void>;
  /** Durably creates a file that must not be there; answers `false` if it is. */
  readonly create: (path: string, content: string | Uint8Array, options?: WriteOptions) => Promise<boolean>;
  /** Appends durably; creates the file if need be. */
  readonly append: (path: string, content: string | Uint8Array) => Promise<void>;
  /** Opens a file for positioned reads and writes. Who opens closes. */
  readonly open: (path: string, mode: OpenMode) => Promise<OpenFile>;
  /** Makes a directory and those above it; fine if it is there. */
  readonly makeDirectory: (path: string, mode?: number) => Promise<void>;
  /** Makes a new directory with a name that begins with `prefix`, and answers it. */
  readonly makeTemporaryDirectory: (prefix: string) => Promise<string>;
  readonly rename: (from: string, to: string) => Promise<void>;
  /** A second name for a file; answers `false` if `to` is there. */
  readonly link: (from: string, to: string) => Promise<boolean>;
  readonly makeLink: (target: string, path: string) => Promise<void>;
  readonly setMode: (path: string, mode: number) => Promise<void>;
  /** In ms since the epoch. */
  readonly setModified: (path: string, modified: number) => Promise<void>;
  /** Removes a file, a link, or a directory with all that is in it; fine if there is nothing. */
  readonly remove: (path: string) => Promise<void>;
  /** Makes renames, creations and removals in a directory durable. */
  readonly syncDirectory: (path: string) => Promise<void>;
  /** Bytes free for this user on the file system of `path`. */
  readonly free: (path: string) => Promise<number>;
  /** Calls back after something changed in a directory (hints, may be late or double), until disposed. */
  readonly watch: (path: string, changed: (name: string | undefined) => void) => Promise<AsyncDisposable>;
}

/** What is to be done with an open file: `read`; `write`, made if need be; `create`, which fails if it is there. */
export type OpenMode = 'read' | 'write' | 'create';

/** Options of a whole write. */
export interface WriteOptions {
  /** Permission bits; 0o644 if absent. Applied before the content is there. */
  readonly mode?: number;
}

/** What a directory says of one entry. */
export interface FileEntry {
  readonly name: string;
  readonly kind: FileKind;
}

/** What a name stands for. */
export type FileKind = 'file' | 'directory' | 'link' | 'other';

/** What the file system says of a name. */
export interface FileStat {
  readonly kind: FileKind;
  /** Bytes. */
  readonly size: number;
  /** Permission bits, such as 0o644. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** ms since the epoch. */
  readonly modified: number;
  /** Last change of content or attributes, ms since the epoch. */
  readonly changed: number;
  readonly inode: number;
  readonly device: number;
}

/** An open file. All positions and lengths are bytes. */
export interface OpenFile extends AsyncDisposable {
  /** Reads up to `length` bytes; fewer only at the end of the file. */
  readonly read: (position: number, length: number) => Promise<Buffer>;
  /** Reads until `target` is full or the file ends, and answers how many bytes it got. */
  readonly readInto: (position: number, target: Uint8Array) => Promise<number>;
  /** Writes all of `bytes`. */
  readonly write: (position: number, bytes: Uint8Array | readonly Uint8Array[]) => Promise<void>;
  readonly size: () => Promise<number>;
  readonly truncate: (size: number) => Promise<void>;
  /** Makes the content durable. */
  readonly sync: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const OPEN_FLAGS = {
  read: constants.O_RDONLY,
  write: constants.O_RDWR | constants.O_CREAT,
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
} as const satisfies Record<OpenMode, number>;

/** The files of this machine. */
export function createFiles(): Files {
  return {
    read: (path) => explained(path, fs.readFile(path)),
    readText: (path) => explained(path, fs.readFile(path, 'utf8')),
    readIfExists: (path) => ifThere(path, fs.readFile(path, 'utf8')),
    stream: (path, { start, end } = {}) =>
      createReadStream(path, { ...(start !== undefined && { start }), ...(end !== undefined && { end: end - 1 }) }),
    stat: async (path) => {
      const stat = await ifThere(path, fs.lstat(path));
      return stat && fileStat(stat);
    },
    exists: async (path) => (await ifThere(path, fs.lstat(path))) !== undefined,
    list,
    readLink: (path) => explained(path, fs.readlink(path)),
    realPath: (path) => explained(path, fs.realpath(path)),
    write,
    create,
    append,
    open: (path, mode) => explained(path, open(path, mode)),
    makeDirectory: async (path, mode) => {
      await explained(path, fs.mkdir(path, { recursive: true, ...(mode !== undefined && { mode }) }));
    },
    makeTemporaryDirectory: (prefix) => explained(prefix, fs.mkdtemp(prefix)),
    rename: (from, to) => explained(from, fs.rename(from, to)),
    link: async (from, to) => unlessThere(to, fs.link(from, to)),
    makeLink: (target, path) => explained(path, fs.symlink(target, path)),
    setMode: (path, mode) => explained(path, fs.chmod(path, mode)),
    setModified: (path, modified) => explained(path, fs.lutimes(path, modified / 1000, modified / 1000)),
    remove: (path) => explained(path, fs.rm(path, { recursive: true, force: true })),
    syncDirectory,
    free: async (path) => {
      const { bavail, bsize } = await explained(path, fs.statfs(path));
      return bavail * bsize;
    },
    watch,
  };
}

async function list(path: string): Promise<readonly FileEntry[]> {
  const entries = (await ifThere(path, fs.readdir(path, { withFileTypes: true }))) ?? [];
  return entries.map((entry) => ({ name: entry.name, kind: kindOf(entry) })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

let temporaryCount = 0;

async function write(path: string, content: string | Uint8Array, { mode = 0o644 }: WriteOptions = {}): Promise<void> {
  // The pid alone is not enough: two writes of one process may overlap.
  const temporary = `${path}.${process.pid}-${temporaryCount++}.tmp`;
  await explained(path, fs.mkdir(dirname(path), { recursive: true }));
  try {
    await explained(path, writeSynced(temporary, 'w', content, mode));
    await explained(path, fs.rename(temporary, path));
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

async function create(
  path: string,
  content: string | Uint8Array,
  { mode = 0o644 }: WriteOptions = {},
): Promise<boolean> {
  await explained(path, fs.mkdir(dirname(path), { recursive: true }));
  const created = await unlessThere(path, writeSynced(path, 'wx', content, mode));
  if (created) await syncDirectory(dirname(path));
  return created;
}

async function append(path: string, content: string | Uint8Array): Promise<void> {
  const isNew = (await ifThere(path, fs.lstat(path))) === undefined;
  await explained(path, writeSynced(path, 'a', content, 0o644));
  if (isNew) await syncDirectory(dirname(path));
}

async function writeSynced(path: string, flags: string, content: string | Uint8Array, mode: number): Promise<void> {
  const file = await fs.open(path, flags, mode);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await explained(path, fs.open(path, 'r'));
  try {
    await explained(path, directory.sync());
  } finally {
    await directory.close();
  }
}

async function open(path: string, mode: OpenMode): Promise<OpenFile> {
  const file = await fs.open(path, OPEN_FLAGS[mode], 0o644);
  let closing: Promise<void> | undefined;
  const close = () => (closing ??= file.close());
  const readInto = async (position: number, target: Uint8Array) => {
    let filled = 0;
    while (filled < target.length) {
      const left = target.length - filled;
      const { bytesRead } = await explained(path, file.read(target, filled, left, position + filled));
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return filled;
  };
  return {
    read: async (position, length) => {
      const bytes = Buffer.allocUnsafe(length);
      return bytes.subarray(0, await readInto(position, bytes));
    },
    readInto,
    write: async (position, bytes) => {
      const parts = bytes instanceof Uint8Array ? [bytes] : bytes;
      let at = position;
      for (const part of parts) {
        for (let done = 0; done < part.length;) {
          const { bytesWritten } = await explained(path, file.write(part, done, part.length - done, at + done));
          done += bytesWritten;
        }
        at += part.length;
      }
    },
    size: async () => (await file.stat()).size,
    truncate: (size) => explained(path, file.truncate(size)),
    sync: () => explained(path, file.sync()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function watch(path: string, changed: (name: string | undefined) => void): Promise<AsyncDisposable> {
  const abort = new AbortController();
  const changes = fs.watch(path, { signal: abort.signal, persistent: false });
  const ended = (async () => {
    try {
      for await (const { filename } of changes) changed(filename ?? undefined);
    } catch {
      // Aborted, or the directory is gone: there will be no more hints.
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      abort.abort();
      await ended;
    },
  };
}

function kindOf(entry: Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): FileKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'other';
}

function fileStat(stat: Stats): FileStat {
  const { size, mode, uid, gid, mtimeMs, ctimeMs, ino, dev } = stat;
  return {
    ...{ kind: kindOf(stat), size, mode: mode & 0o7777, uid, gid },
    ...{ modified: mtimeMs, changed: ctimeMs, inode: ino, device: dev },
  };
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

async function ifThere<Value>(path: string, value: Promise<Value>): Promise<Value | undefined> {
  try {
    return await value;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw explanation(path, error);
  }
}

async function unlessThere(path: string, action: Promise<void>): Promise<boolean> {
  try {
    await action;
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw explanation(path, error);
  }
}

async function explained<Value>(path: string, value: Promise<Value>): Promise<Value> {
  try {
    return await value;
  } catch (error) {
    throw explanation(path, error);
  }
}

function explanation(path: string, error: unknown): unknown {
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new RestageError('file/missing', `there is no ${path}`, { cause: error, details: { path } });
    case 'EACCES':
    case 'EPERM':
      return new RestageError('file/denied', `no right to ${path}`, { cause: error, details: { path } });
    case 'EROFS':
      return new RestageError('file/denied', `no writing to ${path}: its file system is read-only`, {
        hint: 'Mount it for writing, or work on a copy elsewhere',
        cause: error,
        details: { path },
      });
    case 'ENOSPC':
    case 'EDQUOT':
      return new RestageError('store/full', `no space left for ${path}`, { cause: error, details: { path } });
    default:
      return error;
  }
}
