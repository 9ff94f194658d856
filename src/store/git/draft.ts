import { RestageError } from '../../errors.ts';
import type { Version } from '../../model/id.ts';
import type { Change, CommitRequest, Committed, LogEntry } from '../contract.ts';
import type { Head, History } from './history.ts';
import type { LogIndex } from './log-index.ts';
import type { IndexedCommit } from './log-segment.ts';
import { encodeCommit, type ObjectId, objectId, type Signature } from './object.ts';
import { encodeDelta, type PackObject } from './pack.ts';
import type { ContentInfo } from './pointer.ts';
import { REQUEST_MEMORY_MS, type RequestMemory } from './request-memory.ts';
import { type CommitMessage, LISTED_CHANGES, oneLine, parseMessage, writeMessage } from './trailers.ts';
import { EMPTY_TREE, type Tree, treeId, treeParts } from './tree.ts';
import type { Trees } from './tree-edit.ts';

/** A put whose content is known and, if big, already in the chunk plane. */
export interface PreparedPut {
  readonly path: string;
  readonly blob: ObjectId;
  readonly info: ContentInfo;
  /** What to store as the blob; absent when the history has it. */
  readonly body?: Buffer;
}

/** A transaction, ready to be built on whatever the head is then. */
export interface PreparedRequest {
  readonly request: CommitRequest;
  readonly puts: readonly PreparedPut[];
}

/** The answer to a request, and how it came about. */
export interface Drafted {
  readonly answer: Committed;
  /** `committed` now, `repeated` from an earlier time, or `unchanged`: there was nothing to do. */
  readonly kind: 'committed' | 'repeated' | 'unchanged';
}

/** The version that an empty history answers with when there was nothing to do. */
const NO_VERSION = '0'.repeat(40) as Version;

/** Trees above this many bytes are written as the difference to an earlier one in the same pack. */
const DELTA_FROM = 1024;
/** How many deltas may stand on each other before one stands on the first tree again. */
const DELTA_DEPTH = 12;

/** Commits on their way: each built on the one before, none visible until all are published. */
export class Draft {
  readonly objects: PackObject[] = [];
  readonly commits: IndexedCommit[] = [];
  readonly entries: LogEntry[] = [];
  readonly #history: History;
  readonly #index: LogIndex;
  readonly #trees: Trees;
  readonly #memory: Pick<RequestMemory, 'find'>;
  readonly #ids = new Set<ObjectId>();
  readonly #seqs = new Map<string, number>();
  readonly #requests = new Map<string, Committed>();
  readonly #bases = new Map<ObjectId, { readonly depth: number; readonly first: ObjectId; readonly tree: Tree }>();
  #head: Head | undefined;

  constructor(history: History, index: LogIndex, trees: Trees, requests: Pick<RequestMemory, 'find'>) {
    this.#memory = requests;
    this.#history = history;
    this.#index = index;
    this.#trees = trees.drafting();
    this.#head = history.known;
  }

  /** The newest commit, drafts included. */
  get head(): Head | undefined {
    return this.#head;
  }

  /** Builds one commit. Rejects, and changes nothing, when the request cannot be met. */
  async add(prepared: PreparedRequest, now: number): Promise<Drafted> {
    const { request } = prepared;
    const earlier = await this.#earlier(request.requestId, now);
    if (earlier) return { answer: earlier, kind: 'repeated' };
    await this.#checkExpectations(request.expect ?? {});
    const { files, changes, unchanged } = await this.#changes(prepared);
    if (changes.length === 0 && request.force !== true) {
      const answer = { version: this.#head?.version ?? NO_VERSION, seq: this.#head?.seq ?? 0, changes, unchanged };
      if (request.requestId !== undefined) this.#requests.set(oneLine(request.requestId), answer);
      return { answer, kind: 'unchanged' };
    }
    const made: (readonly [ObjectId, Tree, ObjectId | undefined])[] = [];
    const edited = await this.#trees.edit(this.#head?.tree, files, (...tree) => made.push(tree));
    // From here on nothing can fail: only now may the draft change.
    for (const { blob, body, info } of prepared.puts) {
      this.#history.learn(blob, info);
      if (body) this.#put({ id: blob, kind: 'blob', parts: [body] });
    }
    for (const tree of made) this.#putTree(...tree);
    if (edited === undefined) this.#putTree(treeId(EMPTY_TREE), EMPTY_TREE, undefined);
    return {
      answer: this.#commit(request, edited ?? treeId(EMPTY_TREE), { changes, unchanged }, now),
      kind: 'committed',
    };
  }

  async #earlier(requestId: string | undefined, now: number): Promise<Committed | undefined> {
    if (requestId === undefined) return undefined;
    const id = oneLine(requestId);
    const drafted = this.#requests.get(id);
    if (drafted) return drafted;
    const seq = this.#index.request(id);
    const indexed = seq === undefined ? undefined : this.#index.at(seq);
    if (seq === undefined || !indexed || now - indexed.time > REQUEST_MEMORY_MS) return this.#memory.find(id, now);
    return this.#history.answerOf(seq);
  }

  async #checkExpectations(expect: Readonly<Record<string, Version | 'absent'>>): Promise<void> {
    for (const [path, expected] of Object.entries(expect)) {
      const entry = await this.#trees.find(this.#head?.tree, path);
      const seq = entry?.mode.startsWith('100') ? this.#lastChange(path) : undefined;
      const actual = seq === undefined ? 'absent' : (this.#versionAt(seq) ?? 'absent');
      if (actual === expected) continue;
      const is = actual === 'absent' ? 'is absent' : `is at ${actual}`;
      const should = expected === 'absent' ? 'should be absent' : `should be at ${expected}`;
      throw new RestageError('store/conflict', `${path} ${is} and ${should}`, { details: { path, actual } });
    }
  }

  /** What a request changes, in the order in which it says so. */
  async #changes({ request, puts }: PreparedRequest) {
    const files = new Map<string, ObjectId | undefined>();
    const changes: Change[] = [];
    const unchanged: string[] = [];
    const lastPuts = new Map(puts.map((put) => [put.path, put]));
    for (const path of request.deletes ?? []) {
      for await (const file of this.#trees.files(this.#head?.tree, path)) {
        if (lastPuts.has(file.path) || files.has(file.path)) continue;
        files.set(file.path, undefined);
        changes.push({ path: file.path, change: 'delete', ...this.#previous(file.path) });
      }
    }
    for (const { path, blob, info } of lastPuts.values()) {
      const { digest, size } = info;
      const entry = await this.#trees.find(this.#head?.tree, path);
      const isSame = entry !== undefined && (await this.#isSame(entry.mode, entry.id, blob, info));
      if (isSame && request.force !== true) {
        unchanged.push(path);
        continue;
      }
      files.set(path, isSame ? entry.id : blob);
      changes.push({ path, change: 'put', digest, size, ...this.#previous(path) });
    }
    return { files, changes, unchanged };
  }

  async #isSame(mode: string, there: ObjectId, blob: ObjectId, { digest }: ContentInfo): Promise<boolean> {
    if (!mode.startsWith('100')) return false;
    return there === blob || (await this.#history.content(there)).digest === digest;
  }

  #previous(path: string): { readonly previous?: number } {
    const seq = this.#lastChange(path);
    return seq === undefined ? {} : { previous: seq };
  }

  #lastChange(path: string): number | undefined {
    return this.#seqs.get(path) ?? this.#index.lastChange(path);
  }

  #versionAt(seq: number): Version | undefined {
    return this.#index.at(seq)?.version ?? this.commits[seq - this.#index.length - 1]?.version;
  }

  #commit(
    { subject, producer, inputs = [], trailers = {}, requestId, force }: CommitRequest,
    tree: ObjectId,
    { changes, unchanged }: Pick<Committed, 'changes' | 'unchanged'>,
    now: number,
  ): Committed {
    const seq = (this.#head?.seq ?? 0) + 1;
    const seconds = Math.max(Math.floor(now / 1000), Math.floor((this.#head?.time ?? 0) / 1000));
    const isMany = changes.length > LISTED_CHANGES && force !== true;
    const message: CommitMessage = {
      ...{ subject, seq, producer, changes, unchanged, inputs, trailers },
      ...(requestId !== undefined && { requestId: oneLine(requestId) }),
      ...(isMany && { manyChanges: changes.length }),
    };
    const parents = this.#head ? [this.#head.version] : [];
    const committer = signatureOf(producer, seconds);
    const text = writeMessage(message);
    const body = encodeCommit({ tree, parents, committer, message: text });
    const version = objectId('commit', body) as Version;
    this.#put({ id: version, kind: 'commit', parts: [body] });
    const answer = { version, seq, changes, unchanged };
    // As it will be read, and not as it was asked for.
    this.#remember(
      answer,
      { ...message, ...parseMessage(text), changes },
      { version, seq, time: seconds * 1000, tree },
    );
    return answer;
  }

  #remember(answer: Committed, { requestId, subject, producer, inputs, trailers }: CommitMessage, head: Head): void {
    const { version, seq, changes } = answer;
    const request = requestId === undefined ? {} : { requestId };
    for (const { path } of changes) this.#seqs.set(path, seq);
    if (requestId !== undefined) this.#requests.set(requestId, answer);
    this.commits.push({ version, time: head.time, paths: changes.map(({ path }) => path), ...request });
    this.entries.push({ seq, version, time: head.time, producer, subject, changes, inputs, trailers, ...request });
    this.#head = head;
  }

  #put(object: PackObject): void {
    if (this.#ids.has(object.id)) return;
    this.#ids.add(object.id);
    this.objects.push(object);
  }

  #putTree(id: ObjectId, tree: Tree, before: ObjectId | undefined): void {
    if (this.#ids.has(id)) return;
    const parts = treeParts(tree);
    const size = parts.reduce((sum, part) => sum + part.length, 0);
    const previous = before === undefined ? undefined : this.#bases.get(before);
    if (!previous || before === undefined || size < DELTA_FROM) {
      if (size >= DELTA_FROM) this.#bases.set(id, { depth: 0, first: id, tree });
      this.#put({ id, kind: 'tree', parts });
      return;
    }
    const onFirst = previous.depth >= DELTA_DEPTH;
    const base = onFirst ? previous.first : before;
    const baseTree = onFirst ? (this.#bases.get(base)?.tree ?? previous.tree) : previous.tree;
    this.#bases.set(id, { depth: onFirst ? 1 : previous.depth + 1, first: previous.first, tree });
    this.#put({ id, kind: 'tree', parts, delta: { base, bytes: encodeDelta(treeParts(baseTree), parts) } });
  }
}

/** The committer of git for a producer such as `rino@lab`. */
export function signatureOf(producer: string, time: number): Signature {
  const [, address] = /([^\s<>@]+@[^\s<>@]+)/.exec(producer) ?? [];
  return { name: producer, email: address ?? producer.replace(/\s+/g, '-'), time };
}
