import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Files, OpenFile } from '../../src/platform/files.ts';

/** What happened to the disk, in order. A file is a number here: names come and go. */
type Operation =
  | { readonly on: 'content'; readonly file: number; readonly content: Buffer }
  | { readonly on: 'synced'; readonly file: number }
  /** Names of one directory that change together; `undefined` takes one away. */
  | { readonly on: 'names'; readonly directory: string; readonly names: ReadonlyMap<string, Entry | undefined> }
  | { readonly on: 'names-synced'; readonly directory: string };

type Entry = number | 'directory';

/** Which of what was not synced is there after a power cut. */
export type Survives = (what: string) => 'old' | 'new';

/**
 * Files of this machine that remember each write, fsync and rename, so that every disk that a power cut could have left
 * can be made: content that was not synced may be old, names that were not synced may be missing.
 */
export interface RecordingDisk {
  readonly files: Files;
  /** Number of operations so far. */
  readonly length: () => number;
  /** Makes the directory `to` what `root` might be after a power cut behind the first `count` operations. */
  readonly restore: (count: number, survives: Survives, to: string) => void;
}

/** Records what happens below `root`; what is there already counts as durable. */
export function recordDisk(root: string, real: Files): RecordingDisk {
  const operations: Operation[] = [];
  const now = new Map<string, Entry>();
  const contents = new Map<number, Buffer>();
  const initial = readTree(root);
  for (const [path, content] of initial) now.set(path, content === undefined ? 'directory' : enter(content));
  const before = new Map(now);
  const initialContents = new Map(contents);

  function enter(content: Buffer): number {
    const file = contents.size;
    contents.set(file, content);
    return file;
  }
  function rename(changes: readonly (readonly [path: string, entry: Entry | undefined])[]): void {
    const byDirectory = Map.groupBy(changes, ([path]) => dirname(path));
    for (const [directory, list] of byDirectory) {
      operations.push({ on: 'names', directory, names: new Map(list.map(([path, entry]) => [basename(path), entry])) });
    }
    for (const [path, entry] of changes) {
      if (entry === undefined) now.delete(path);
      else now.set(path, entry);
    }
  }
  function setContent(file: number, content: Buffer): void {
    contents.set(file, content);
    operations.push({ on: 'content', file, content });
  }
  function fileAt(path: string): number {
    const entry = now.get(path);
    if (typeof entry === 'number') return entry;
    const file = enter(Buffer.alloc(0));
    rename([[path, file]]);
    return file;
  }
  function directories(path: string): void {
    if (now.has(path) || path === root || !path.startsWith(root)) return;
    directories(dirname(path));
    rename([[path, 'directory']]);
  }
  function synced(path: string): void {
    operations.push({ on: 'names-synced', directory: path });
  }
  function writeWhole(path: string, content: Buffer, isNew: boolean): void {
    directories(dirname(path));
    const file = enter(Buffer.alloc(0));
    if (isNew) rename([[path, file]]);
    setContent(file, content);
    operations.push({ on: 'synced', file });
    if (!isNew) rename([[path, file]]);
    synced(dirname(path));
  }

  const files: Files = {
    ...real,
    write: async (path, content, options) => {
      await real.write(path, content, options);
      writeWhole(path, Buffer.from(content as string), false);
    },
    create: async (path, content, options) => {
      const isNew = await real.create(path, content, options);
      if (isNew) writeWhole(path, Buffer.from(content as string), true);
      return isNew;
    },
    append: async (path, content) => {
      await real.append(path, content);
      const isNew = !now.has(path);
      const file = fileAt(path);
      setContent(file, Buffer.concat([contents.get(file) ?? Buffer.alloc(0), Buffer.from(content as string)]));
      operations.push({ on: 'synced', file });
      if (isNew) synced(dirname(path));
    },
    open: async (path, mode) => {
      const opened = await real.open(path, mode);
      return mode === 'read' ? opened : recordFile(opened, fileAt(path));
    },
    makeDirectory: async (path, mode) => {
      await real.makeDirectory(path, mode);
      directories(path);
    },
    rename: async (from, to) => {
      await real.rename(from, to);
      rename([
        [from, undefined],
        [to, now.get(from)],
      ]);
    },
    link: async (from, to) => {
      const isNew = await real.link(from, to);
      if (isNew) rename([[to, now.get(from)]]);
      return isNew;
    },
    remove: async (path) => {
      await real.remove(path);
      const below = [...now.keys()].filter((name) => name === path || name.startsWith(`${path}/`));
      if (below.length > 0) rename(below.map((name) => [name, undefined]));
    },
    syncDirectory: async (path) => {
      await real.syncDirectory(path);
      synced(path);
    },
  };
  function recordFile(opened: OpenFile, file: number): OpenFile {
    return {
      ...opened,
      write: async (position, bytes) => {
        await opened.write(position, bytes);
        const added = Buffer.concat(bytes instanceof Uint8Array ? [bytes] : [...bytes]);
        const old = contents.get(file) ?? Buffer.alloc(0);
        const content = Buffer.alloc(Math.max(old.length, position + added.length));
        old.copy(content);
        added.copy(content, position);
        setContent(file, content);
      },
      truncate: async (size) => {
        await opened.truncate(size);
        setContent(file, Buffer.from((contents.get(file) ?? Buffer.alloc(0)).subarray(0, size)));
      },
      sync: async () => {
        await opened.sync();
        operations.push({ on: 'synced', file });
      },
    };
  }

  return {
    files,
    length: () => operations.length,
    restore: (count, survives, to) => {
      const disk = replay(operations.slice(0, count), before, initialContents, survives);
      for (const [path, content] of [...disk].sort(([a], [b]) => (a < b ? -1 : 1))) {
        const target = join(to, path.slice(root.length));
        if (content === undefined) mkdirSync(target, { recursive: true });
        else writeFileSync(target, content);
      }
    },
  };
}

/** The disk after some operations: paths, and the content of those that are files. */
function replay(
  operations: readonly Operation[],
  before: ReadonlyMap<string, Entry>,
  contents: ReadonlyMap<number, Buffer>,
  survives: Survives,
): Map<string, Buffer | undefined> {
  const names = new Map(before);
  const durable = new Map(contents);
  const current = new Map(contents);
  const pending = new Map<string, (readonly (readonly [string, Entry | undefined])[])[]>();
  const apply = (changes: readonly (readonly [string, Entry | undefined])[]) => {
    for (const [path, entry] of changes) {
      if (entry === undefined) names.delete(path);
      else names.set(path, entry);
    }
  };
  for (const operation of operations) {
    if (operation.on === 'content') current.set(operation.file, operation.content);
    if (operation.on === 'synced') durable.set(operation.file, current.get(operation.file) ?? Buffer.alloc(0));
    if (operation.on === 'names') {
      const { directory } = operation;
      const changes = [...operation.names].map(([name, entry]) => [join(directory, name), entry] as const);
      pending.set(directory, [...(pending.get(directory) ?? []), changes]);
    }
    if (operation.on === 'names-synced') {
      for (const changes of pending.get(operation.directory) ?? []) apply(changes);
      pending.delete(operation.directory);
    }
  }
  // Within one directory, what came later is only there together with what came before.
  for (const [directory, list] of pending) {
    for (const [at, changes] of list.entries()) {
      if (survives(`${directory}#${at}`) === 'old') break;
      apply(changes);
    }
  }
  const disk = new Map<string, Buffer | undefined>();
  const isReachable = (path: string): boolean =>
    !before.size || [...ancestors(path, names)].every((above) => names.get(above) === 'directory');
  for (const [path, entry] of names) {
    if (!isReachable(path)) continue;
    const version = entry !== 'directory' && survives(`content of ${entry}`) === 'new' ? current : durable;
    disk.set(path, entry === 'directory' ? undefined : (version.get(entry) ?? Buffer.alloc(0)));
  }
  return disk;
}

/** The directories above a path that were seen to be made, the root left out. */
function* ancestors(path: string, names: ReadonlyMap<string, Entry>): Generator<string> {
  const tops = [...names.keys()].map((name) => name.length);
  const shortest = Math.min(...tops);
  for (let above = dirname(path); above.length >= shortest; above = dirname(above)) yield above;
}

function readTree(root: string): Map<string, Buffer | undefined> {
  const tree = new Map<string, Buffer | undefined>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    tree.set(path, entry.isDirectory() ? undefined : readFileSync(path));
  }
  return tree;
}
