import { RestageError } from '../../errors.ts';
import { compareText } from '../../model/order.ts';
import { Lru } from '../lru.ts';
import type { ObjectId } from './object.ts';
import type { ObjectReader } from './object-reader.ts';
import {
  EMPTY_TREE,
  entriesOf,
  FILE_MODE,
  findEntry,
  parseTree,
  type Tree,
  TREE_MODE,
  type TreeEntry,
  withEntry,
  withoutEntry,
} from './tree.ts';
import { idOfEdited } from './tree-hash.ts';

/** A file in a tree of trees. */
export interface TreeFile {
  readonly path: string;
  readonly id: ObjectId;
}

/** What differs between two trees at one path. */
export interface TreeDifference {
  readonly path: string;
  readonly before?: ObjectId;
  readonly after?: ObjectId;
}

/** Takes each tree that an edit makes, and the one it was made from. */
export type TreeSink = (id: ObjectId, tree: Tree, before: ObjectId | undefined) => void;

/** Entries that all trees in the cache may have together. */
const CACHE_BYTES = 32 << 20;

/** Trees of the history, parsed and kept. */
export class Trees {
  readonly #objects: ObjectReader;
  readonly #cache: Lru<ObjectId, Tree>;
  /** Trees that were made here and may not be on disk yet: they must not be forgotten. */
  readonly #drafts: Map<ObjectId, Tree> | undefined;

  constructor(
    objects: ObjectReader,
    shared?: { readonly cache: Lru<ObjectId, Tree>; readonly drafts: Map<ObjectId, Tree> },
  ) {
    this.#objects = objects;
    this.#cache = shared?.cache ?? new Lru(CACHE_BYTES, weightOf);
    this.#drafts = shared?.drafts;
  }

  /** The same trees, together with all that will be made by `edit`. */
  drafting(): Trees {
    return new Trees(this.#objects, { cache: this.#cache, drafts: new Map() });
  }

  /** A tree; of no id, the empty one. @throws {RestageError} `store/damaged` */
  async load(id: ObjectId | undefined): Promise<Tree> {
    if (id === undefined) return EMPTY_TREE;
    const known = this.#drafts?.get(id) ?? this.#cache.get(id);
    if (known) return known;
    const tree = parseTree(await this.#objects.need(id, 'tree'));
    this.#cache.set(id, tree);
    return tree;
  }

  /** Forgets what was parsed. */
  forget(): void {
    this.#cache.clear();
  }

  /** The entry at a path. */
  async find(root: ObjectId | undefined, path: string): Promise<TreeEntry | undefined> {
    const names = path.split('/');
    let at = root;
    for (const [depth, name] of names.entries()) {
      if (at === undefined) return undefined;
      const entry = findEntry(await this.load(at), name);
      if (depth === names.length - 1) return entry;
      at = entry?.mode === TREE_MODE ? entry.id : undefined;
    }
    return undefined;
  }

  /** The files at or below a path, in the order of git; links and submodules, which only plain git can make, are passed over. */
  async *files(root: ObjectId | undefined, path: string): AsyncGenerator<TreeFile> {
    const entry = path === '' ? root && { mode: TREE_MODE, name: '', id: root } : await this.find(root, path);
    if (!entry) return;
    if (isFile(entry)) yield { path, id: entry.id };
    else if (entry.mode === TREE_MODE) yield* this.#below(entry.id, path);
  }

  /** What differs between two trees, in the order of git. */
  async *differences(a: ObjectId | undefined, b: ObjectId | undefined, prefix = ''): AsyncGenerator<TreeDifference> {
    if (a === b) return;
    const [before, after] = [byKey(await this.load(a)), byKey(await this.load(b))];
    for (const key of [...new Set([...before.keys(), ...after.keys()])].sort(compareText)) {
      const [old, fresh] = [before.get(key), after.get(key)];
      if (old?.id === fresh?.id) continue;
      const path = prefix + (fresh?.name ?? old?.name ?? '');
      if (key.endsWith('/')) yield* this.differences(old?.id, fresh?.id, `${path}/`);
      else yield { path, ...(old && { before: old.id }), ...(fresh && { after: fresh.id }) };
    }
  }

  /**
   * Makes a tree with some files changed or, where the id is `undefined`, taken away. Trees that become empty vanish.
   *
   * @returns the id of the new root; `undefined` when nothing is left
   * @throws {RestageError} `store/path` where a file would have to be a tree too
   */
  async edit(
    root: ObjectId | undefined,
    files: ReadonlyMap<string, ObjectId | undefined>,
    sink: TreeSink,
  ): Promise<ObjectId | undefined> {
    const edits = [...files].map(([path, id]) => ({ path, names: path.split('/'), id }));
    // Away first, so that `a` may make room for `a/b` in one edit.
    const away = edits.filter(({ id }) => id === undefined);
    const there = edits.filter(({ id }) => id !== undefined);
    const cleared = away.length === 0 ? root : await this.#edit(root, away, 0, sink);
    return there.length === 0 ? cleared : this.#edit(cleared, there, 0, sink);
  }

  async #edit(before: ObjectId | undefined, edits: readonly Edit[], depth: number, sink: TreeSink) {
    let tree = await this.load(before);
    const original = tree;
    for (const [name, below] of groupByName(edits, depth)) {
      const old = findEntry(tree, name);
      const leaf = below.find(({ names }) => names.length === depth + 1);
      const other = below.find(({ names }) => names.length > depth + 1);
      const clash = leaf ? (old?.mode === TREE_MODE ? leaf : other) : old && old.mode !== TREE_MODE ? other : undefined;
      if (clash && below.some(({ id }) => id !== undefined)) throw pathClash(clash.path);
      if (clash) continue;
      const id = leaf ? leaf.id : await this.#edit(old?.id, below, depth + 1, sink);
      if (id === old?.id) continue;
      const mode = leaf ? FILE_MODE : TREE_MODE;
      tree = id === undefined ? withoutEntry(tree, name) : withEntry(tree, { mode, name, id });
    }
    if (tree === original) return before;
    if (tree.pieces.length === 0 && depth > 0) return undefined;
    const id = idOfEdited(tree, original);
    this.#cache.set(id, tree);
    this.#drafts?.set(id, tree);
    sink(id, tree, before);
    return id;
  }

  async *#below(id: ObjectId, path: string): AsyncGenerator<TreeFile> {
    const prefix = path === '' ? '' : `${path}/`;
    for (const entry of entriesOf(await this.load(id))) {
      if (isFile(entry)) yield { path: prefix + entry.name, id: entry.id };
      else if (entry.mode === TREE_MODE) yield* this.#below(entry.id, prefix + entry.name);
    }
  }
}

function weightOf(tree: Tree): number {
  return tree.pieces.reduce((sum, { bytes }) => sum + 2 * bytes.length, 200);
}

interface Edit {
  readonly path: string;
  readonly names: readonly string[];
  readonly id: ObjectId | undefined;
}

/** Whether an entry is a file, executable or not. */
export function isFile({ mode }: TreeEntry): boolean {
  return mode.startsWith('100');
}

function groupByName(edits: readonly Edit[], depth: number): Map<string, Edit[]> {
  const groups = new Map<string, Edit[]>();
  for (const edit of edits) {
    const name = edit.names[depth] ?? '';
    const group = groups.get(name);
    if (group) group.push(edit);
    else groups.set(name, [edit]);
  }
  return groups;
}

function byKey(tree: Tree): Map<string, TreeEntry> {
  const entries = new Map<string, TreeEntry>();
  for (const entry of entriesOf(tree)) {
    if (entry.mode === TREE_MODE) entries.set(`${entry.name}/`, entry);
    else if (isFile(entry)) entries.set(entry.name, entry);
  }
  return entries;
}

function pathClash(path: string): RestageError {
  return new RestageError('store/path', `${path} cannot stand there: a member lies above or below it`, {
    hint: 'Choose another name',
    details: { path },
  });
}
