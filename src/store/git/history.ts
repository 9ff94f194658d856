import { RestageError } from '../../errors.ts';
import type { Version } from '../../model/id.ts';
import type { Change, Committed, LogEntry } from '../contract.ts';
import { Lru } from '../lru.ts';
import type { LogIndex } from './log-index.ts';
import type { IndexedCommit } from './log-segment.ts';
import { type Commit, type ObjectId, parseCommit, parseTagTarget } from './object.ts';
import type { ObjectReader } from './object-reader.ts';
import { type ContentInfo, contentOf } from './pointer.ts';
import type { RefReader } from './ref-file.ts';
import { parseMessage } from './trailers.ts';
import type { Trees } from './tree-edit.ts';

/** The newest commit. */
export interface Head {
  readonly version: Version;
  readonly seq: number;
  /** ms since the epoch. */
  readonly time: number;
  readonly tree: ObjectId;
}

/** A member where it was found. */
export interface Located {
  readonly blob: ObjectId;
  readonly info: ContentInfo;
  /** Seq of the commit that made it what it is. */
  readonly seq: number;
  readonly version: Version;
}

/** What a history is read from. */
export interface HistoryParts {
  readonly objects: ObjectReader;
  readonly trees: Trees;
  readonly refs: RefReader;
  readonly index: LogIndex;
  /** Full name of the branch, such as `refs/heads/main`. */
  readonly branch: string;
}

/** The commits of the branch as the store sees them: with seqs, changes and members. Reads only. */
export class History {
  readonly #parts: HistoryParts;
  readonly #entries = new Lru<Version, LogEntry>(20_000, (entry) => 1 + entry.changes.length / 4);
  readonly #contents = new Lru<ObjectId, ContentInfo>(200_000);
  readonly #members = new Lru<string, Located>(100_000);
  #head: Head | undefined;
  #refreshing: Promise<unknown> = Promise.resolve();

  constructor(parts: HistoryParts) {
    this.#parts = parts;
  }

  /** The newest commit as of the last look. */
  get known(): Head | undefined {
    return this.#head;
  }

  /** Looks at the branch and takes in what is new, also from other processes. */
  async refresh(): Promise<Head | undefined> {
    const { refs, branch } = this.#parts;
    const id = (await refs.read(branch)) as Version | undefined;
    if (id === this.#head?.version) return this.#head;
    const refreshed = this.#refreshing.then(async () => this.#take((await refs.read(branch)) as Version | undefined));
    this.#refreshing = refreshed.catch(() => undefined);
    return refreshed;
  }

  /** Takes in commits that this process has just written; `head` is the last of them. */
  async advance(head: Head, commits: readonly IndexedCommit[], entries: readonly LogEntry[]): Promise<void> {
    for (const entry of entries) this.#entries.set(entry.version, entry);
    const advanced = this.#refreshing.then(() => {
      // A reader may have seen the branch move before we came here, and taken them in.
      if (this.#parts.index.at(head.seq)?.version === head.version) return;
      for (const commit of commits) this.#append(commit);
      this.#head = head;
    });
    this.#refreshing = advanced;
    await advanced;
  }

  /** The commit with a seq, as an event. */
  async entry(seq: number): Promise<LogEntry | undefined> {
    const indexed = this.#parts.index.at(seq);
    if (!indexed) return undefined;
    const known = this.#entries.get(indexed.version);
    if (known) return known;
    const entry = await this.#readEntry(seq, indexed.version, indexed.time);
    this.#entries.set(indexed.version, entry);
    return entry;
  }

  /** What the request that made a commit was answered. */
  async answerOf(seq: number): Promise<Committed | undefined> {
    const entry = await this.entry(seq);
    if (!entry) return undefined;
    const { version, changes } = entry;
    const message = parseMessage((await this.commit(version)).message);
    return { version, seq, changes, unchanged: message?.unchanged ?? [] };
  }

  /** The root tree of a version; `undefined` if it is no commit of the branch. */
  async treeAt(version: Version): Promise<{ readonly seq: number; readonly tree: ObjectId } | undefined> {
    if (version === this.#head?.version) return this.#head;
    const seq = this.#parts.index.seqOf(version);
    return seq === undefined ? undefined : { seq, tree: (await this.commit(version)).tree };
  }

  /** A member at the newest version known. */
  memberNow(path: string): Promise<Located | undefined> | Located | undefined {
    return this.#members.get(path) ?? (this.#head && this.#locateNow(path, this.#head));
  }

  /** A member in a tree whose newest commit has this seq. */
  async locate(path: string, tree: ObjectId, seq: number): Promise<Located | undefined> {
    const entry = await this.#parts.trees.find(tree, path);
    if (!entry?.mode.startsWith('100')) return undefined;
    const changed = this.#parts.index.lastChange(path, seq) ?? seq;
    const version = this.#parts.index.at(changed)?.version;
    if (version === undefined) return undefined;
    return { blob: entry.id, info: await this.content(entry.id), seq: changed, version };
  }

  /** What a blob stands for. */
  async content(blob: ObjectId): Promise<ContentInfo> {
    const known = this.#contents.get(blob);
    if (known) return known;
    const info = contentOf(await this.#parts.objects.need(blob, 'blob'));
    this.#contents.set(blob, info);
    return info;
  }

  /** Remembers what a blob stands for. */
  learn(blob: ObjectId, info: ContentInfo): void {
    this.#contents.set(blob, info);
  }

  /** A commit object. */
  async commit(id: ObjectId): Promise<Commit> {
    return parseCommit(await this.#parts.objects.need(id, 'commit'));
  }

  /** The commit that an id names, through annotated tags. */
  async peel(id: ObjectId): Promise<Version | undefined> {
    let at: ObjectId | undefined = id;
    for (let depth = 0; at !== undefined && depth < 5; depth++) {
      const object = await this.#parts.objects.read(at);
      if (object?.kind === 'commit') return at as Version;
      at = object?.kind === 'tag' ? parseTagTarget(object.body) : undefined;
    }
    return undefined;
  }

  async #locateNow(path: string, head: Head): Promise<Located | undefined> {
    const located = await this.locate(path, head.tree, head.seq);
    if (located && head === this.#head) this.#members.set(path, located);
    return located;
  }

  #append(commit: IndexedCommit): void {
    this.#parts.index.append(commit);
    for (const path of commit.paths) this.#members.delete(path);
  }

  async #take(id: Version | undefined): Promise<Head | undefined> {
    const { index } = this.#parts;
    if (id === this.#head?.version) return this.#head;
    if (id === undefined) {
      this.#reset(0);
      return (this.#head = undefined);
    }
    let fresh = await this.#walk(id);
    // Someone has moved the branch back: what stood above is no longer part of it.
    if (fresh.base < index.length && this.#reset(fresh.base) < fresh.base) fresh = await this.#walk(id);
    for (const { id: version, commit } of fresh.commits) await this.#takeCommit(version, commit);
    const tree = fresh.commits.at(-1)?.commit.tree ?? (await this.commit(id)).tree;
    const time = index.at(index.length)?.time ?? 0;
    return (this.#head = { version: id, seq: index.length, time, tree });
  }

  /** The commits from the newest that is known (`base`: its seq) up to `id`, oldest first. */
  async #walk(id: Version) {
    const { index } = this.#parts;
    const commits: { readonly id: Version; readonly commit: Commit }[] = [];
    let at: Version | undefined = id;
    let base: number | undefined;
    while (at !== undefined && (base = index.seqOf(at)) === undefined) {
      const commit: Commit = await this.commit(at);
      commits.push({ id: at, commit });
      at = commit.parents[0] as Version | undefined;
    }
    return { commits: commits.reverse(), base: base ?? 0 };
  }

  async #takeCommit(version: Version, commit: Commit): Promise<void> {
    const { index } = this.#parts;
    const seq = index.length + 1;
    const time = Math.max(commit.committer.time * 1000, index.at(seq - 1)?.time ?? 0);
    const entry = await this.#entryOf(seq, version, time, commit);
    this.#entries.set(version, entry);
    const { requestId, changes } = entry;
    this.#append({
      version,
      time,
      ...(requestId !== undefined && { requestId }),
      paths: changes.map(({ path }) => path),
    });
  }

  #reset(seq: number): number {
    this.#members.clear();
    return this.#parts.index.truncate(seq);
  }

  async #readEntry(seq: number, version: Version, time: number): Promise<LogEntry> {
    return this.#entryOf(seq, version, time, await this.commit(version));
  }

  async #entryOf(seq: number, version: Version, time: number, commit: Commit): Promise<LogEntry> {
    const message = parseMessage(commit.message);
    // A commit made by plain git may have been copied from one of ours, trailers and all: its place gives it away.
    if (message?.seq !== seq) return this.#foreignEntry(seq, version, time, commit);
    const { subject, producer, requestId, changes, inputs, trailers } = message;
    return {
      ...{ seq, version, time, producer, subject, inputs, trailers },
      changes: message.manyChanges === undefined ? changes : await this.#changesByTree(seq, commit),
      ...(requestId !== undefined && { requestId }),
    };
  }

  async #foreignEntry(seq: number, version: Version, time: number, commit: Commit): Promise<LogEntry> {
    const { name, email } = commit.committer;
    const subject = commit.message.split('\n', 1)[0] ?? '';
    const changes = await this.#changesByTree(seq, commit);
    return { seq, version, time, producer: `${name} <${email}>`, subject, changes, inputs: [], trailers: {} };
  }

  async #changesByTree(seq: number, { tree, parents: [parent] }: Commit): Promise<Change[]> {
    const { trees, index } = this.#parts;
    const before = parent === undefined ? undefined : (await this.commit(parent)).tree;
    const changes: Change[] = [];
    for await (const { path, after } of trees.differences(before, tree)) {
      const previous = index.lastChange(path, seq - 1);
      const since = previous === undefined ? {} : { previous };
      if (after === undefined) changes.push({ path, change: 'delete', ...since });
      else {
        const { digest, size } = await this.content(after);
        changes.push({ path, change: 'put', digest, size, ...since });
      }
    }
    return changes;
  }

  /** Whether a tree is there. */
  async hasTree(id: ObjectId): Promise<boolean> {
    return (await this.#parts.objects.read(id))?.kind === 'tree';
  }

  /** Whether all that a commit holds can be read. */
  async isComplete(version: Version | undefined): Promise<boolean> {
    if (version === undefined) return false;
    const { objects, trees } = this.#parts;
    try {
      const { tree } = await this.commit(version);
      for await (const { id } of trees.files(tree, '')) if (!(await objects.read(id))) return false;
      return true;
    } catch (error) {
      if (error instanceof RestageError && error.code === 'store/damaged') return false;
      throw error;
    }
  }
}
