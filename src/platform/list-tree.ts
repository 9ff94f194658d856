import { lstatSync, readdirSync, readlinkSync, type Dirent } from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import type { FileKind, FileStat } from './files.ts';

/**
 * Reads the names and the stats of all that is in a directory and below, sorted by path; follows no link.
 *
 * One call for a whole tree, since asking for each file costs ten times as much as the answer. What vanishes while
 * it is read is not in the answer; what may not be read is in `denied`, as a path.
 */
export type ListTree = (root: string, options?: ListTreeOptions) => Promise<TreeListing>;

/** What is left out. */
export interface ListTreeOptions {
  /** Leaves out an entry, and all that is below it. The path is relative to the root. */
  readonly skip?: (path: string, kind: FileKind) => boolean;
}

/** What is in a directory and below. Directories are walked and not listed. */
export interface TreeListing {
  readonly entries: readonly TreeEntry[];
  readonly denied: readonly string[];
}

/** One name of a tree. */
export interface TreeEntry extends FileStat {
  /** Relative to the root. */
  readonly path: string;
  /** What a link says; absent for anything else. */
  readonly target?: string;
}

/** After this many ms of reading others may have their turn: the calls below block. */
const TURN_MS = 20;

/** Lists trees of this machine, until `signal` aborts. */
export function createListTree(signal: AbortSignal): ListTree {
  return async (root, { skip = () => false } = {}) => {
    const entries: TreeEntry[] = [];
    const denied: string[] = [];
    const waiting: string[] = [''];
    let turn = performance.now();
    for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
      const found = readNames(path === '' ? root : `${root}/${path}`);
      if (!found) {
        denied.push(path);
        continue;
      }
      for (const name of found) {
        const below = path === '' ? name.name : `${path}/${name.name}`;
        const kind = kindOf(name);
        if (skip(below, kind)) continue;
        if (kind === 'directory') waiting.push(below);
        else addEntry(root, below, entries);
      }
      if (performance.now() - turn < TURN_MS) continue;
      await breathe();
      signal.throwIfAborted();
      turn = performance.now();
    }
    entries.sort((a, b) => (a.path < b.path ? -1 : 1));
    return { entries, denied: denied.sort() };
  };
}

function readNames(directory: string): Dirent[] | undefined {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT' ? [] : undefined;
  }
}

function addEntry(root: string, path: string, entries: TreeEntry[]): void {
  try {
    const stat = lstatSync(`${root}/${path}`);
    const kind = kindOf(stat);
    entries.push({
      ...{ path, kind, size: stat.size, mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid },
      ...{ modified: stat.mtimeMs, changed: stat.ctimeMs, inode: stat.ino, device: stat.dev },
      ...(kind === 'link' && { target: readlinkSync(`${root}/${path}`) }),
    });
  } catch {
    // It vanished while we looked.
  }
}

function kindOf(entry: Pick<Dirent, 'isFile' | 'isDirectory' | 'isSymbolicLink'>): FileKind {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'directory';
  return entry.isSymbolicLink() ? 'link' : 'other';
}
