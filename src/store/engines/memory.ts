import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { RestageError } from '../../errors.ts';
import { digestOf } from '../../model/digest.ts';
import type { Digest, Version } from '../../model/id.ts';
import { canonicalJson } from '../../model/json.ts';
import { compareText } from '../../model/order.ts';
import type {
  BlobSource,
  Change,
  CommitRequest,
  Committed,
  Cursor,
  CursorEntry,
  GcOptions,
  LogEntry,
  Member,
  MemberSource,
  Refs,
  Store,
} from '../contract.ts';
import { defineStoreEngine, type StoreContext } from './contract.ts';
import { checkMemberPath, isAtOrBelow } from '../member-path.ts';
import { resolveVersionText } from '../resolve.ts';

/** What the memory engine knows of a member in one version. */
interface Held {
  readonly bytes: Buffer;
  readonly digest: Digest;
  readonly big: boolean;
  readonly version: Version;
  readonly seq: number;
}

/** What a transaction would do. */
interface Planned {
  readonly members: Map<string, Held>;
  readonly puts: readonly ({ readonly path: string } & Pick<Held, 'bytes' | 'digest' | 'big'>)[];
  readonly changes: readonly Change[];
  readonly unchanged: readonly string[];
}

/** One version of everything. */
interface Moment {
  readonly entry: LogEntry;
  readonly members: ReadonlyMap<string, Held>;
}

const DEFAULT_INLINE = 32 * 1024;
const REQUEST_MEMORY_MS = 24 * 3600 * 1000;

/** Everything in this process, gone with it: for `serve --engine memory` and as the reference of the conformance suite. */
export const memory = defineStoreEngine({
  id: 'memory',
  summary: 'In memory, gone at the end: for trying things out',
  open: async (options, context) => new MemoryStore(context, options.inline ?? DEFAULT_INLINE),
});

class MemoryStore implements Store {
  readonly description;
  readonly refs: Refs;
  readonly #context: StoreContext;
  readonly #inline: number;
  readonly #moments: Moment[] = [];
  readonly #seqByVersion = new Map<Version, number>();
  readonly #blobs = new Map<Digest, { readonly bytes: Buffer; readonly since: number }>();
  readonly #requests = new Map<string, { readonly answer: Committed; readonly at: number }>();
  readonly #cursors = new Map<string, MemoryCursor>();
  readonly #refs = new Map<string, Version>();
  #wake = Promise.withResolvers<undefined>();
  #closed = false;

  constructor(context: StoreContext, inline: number) {
    this.#context = context;
    this.#inline = inline;
    this.description = { engine: 'memory', id: context.random.uuid(), place: 'memory' };
    this.refs = memoryRefs(this.#refs);
    context.signal.addEventListener('abort', () => {
      this.#announce();
    });
  }

  async commit(request: CommitRequest): Promise<Committed> {
    this.#context.signal.throwIfAborted();
    const now = this.#context.clock.now();
    const seen = request.requestId === undefined ? undefined : this.#requests.get(request.requestId);
    if (seen && now - seen.at < REQUEST_MEMORY_MS) return seen.answer;
    const before = this.#moments.at(-1)?.members ?? new Map<string, Held>();
    checkExpectations(request, before);
    const seq = this.#moments.length + 1;
    const planned = this.#changes(request, before);
    const unchanged = request.force === true ? [] : planned.unchanged;
    const answer =
      planned.changes.length === 0 && request.force !== true
        ? this.#presentHead(unchanged)
        : this.#append(request, planned, seq, now);
    if (request.requestId !== undefined) this.#requests.set(request.requestId, { answer, at: now });
    return answer;
  }

  async read(path: string, at?: Version): Promise<Member | undefined> {
    const held = this.#moment(at)?.members.get(path);
    if (!held) return undefined;
    const { bytes, digest, big, version, seq } = held;
    return {
      ...{ path, digest, size: bytes.length, big, version, seq },
      bytes: async () => Buffer.from(bytes),
      stream: ({ start, end } = { start: 0, end: bytes.length }) => Readable.from([bytes.subarray(start, end)]),
    };
  }

  async resolve(text: string, path?: string): Promise<Version> {
    return resolveVersionText(text, path, {
      now: this.#context.clock.now(),
      head: async () => this.#moments.at(-1)?.entry,
      bySeq: async (seq) => this.#moments[seq - 1]?.entry,
      byPrefix: async (digits) =>
        this.#moments.map(({ entry }) => entry.version).filter((version) => version.startsWith(digits)),
      history: (name) => this.history(name),
      ref: async (name) => this.#refs.get(name),
      before: async (ms) => this.#moments.findLast(({ entry }) => entry.time <= ms)?.entry.version,
    });
  }

  async list(prefix: string, at?: Version) {
    return [...(this.#moment(at)?.members ?? [])]
      .filter(([path]) => isAtOrBelow(path, prefix))
      .map(([path, { digest, bytes, big }]) => ({ path, digest, size: bytes.length, big }))
      .sort((a, b) => compareText(a.path, b.path));
  }

  async history(path: string, limit = Infinity): Promise<readonly LogEntry[]> {
    return this.#moments
      .map(({ entry }) => entry)
      .filter((entry) => entry.changes.some((change) => change.path === path))
      .reverse()
      .slice(0, limit);
  }

  async *log(from: number, options: { readonly prefix?: string; readonly follow?: boolean } = {}) {
    const { prefix = '', follow = false } = options;
    for (let next = Math.max(from, 1); ; next++) {
      while (follow && next > this.#moments.length) {
        this.#context.signal.throwIfAborted();
        if (this.#closed) return;
        await this.#wake.promise;
      }
      const entry = this.#moments[next - 1]?.entry;
      if (!entry) return;
      if (entry.changes.some((change) => isAtOrBelow(change.path, prefix)) || prefix === '') yield entry;
    }
  }

  async head() {
    const entry = this.#moments.at(-1)?.entry;
    return entry && { version: entry.version, seq: entry.seq };
  }

  async putBlob(source: BlobSource) {
    const parts: Uint8Array[] = [];
    if (source instanceof Uint8Array) parts.push(source);
    else
      for await (const part of 'file' in source ? this.#context.files.stream(source.file) : source)
        parts.push(part as Uint8Array);
    const bytes = Buffer.concat(parts);
    const digest = digestOf(bytes);
    const isNew = !this.#blobs.has(digest);
    if (isNew) this.#blobs.set(digest, { bytes, since: this.#context.clock.now() });
    return { digest, size: bytes.length, newBytes: isNew ? bytes.length : 0 };
  }

  async hasBlob(digest: Digest): Promise<boolean> {
    return this.#blobs.has(digest);
  }

  async readBlob(digest: Digest, range?: { readonly start: number; readonly end: number }) {
    const bytes = this.#blobs.get(digest)?.bytes;
    return bytes && { size: bytes.length, stream: Readable.from([bytes.subarray(range?.start, range?.end)]) };
  }

  cursor(name: string, { prefix = '', from = 1 }: { readonly prefix?: string; readonly from?: number } = {}): Cursor {
    const known = this.#cursors.get(name);
    if (known) return known;
    const made = new MemoryCursor(
      from,
      () => this.#context.clock.now(),
      () =>
        this.#moments
          .map(({ entry }) => entry)
          .filter((entry) => prefix === '' || entry.changes.some((change) => isAtOrBelow(change.path, prefix))),
      () => this.#cursors.delete(name),
    );
    this.#cursors.set(name, made);
    return made;
  }

  async gc({ apply, graceMs, isExpired = () => false }: GcOptions) {
    const head = [...(this.#moments.at(-1)?.members.values() ?? [])].map(({ digest }) => digest);
    const put = this.#moments.flatMap(({ entry: { seq, changes } }) =>
      changes.filter(({ path }) => !isExpired(path, seq)).flatMap(({ digest }) => digest ?? []),
    );
    const named = new Set([...head, ...put]);
    const dead = [...this.#blobs].filter(([digest]) => !named.has(digest));
    const old = dead.filter(([, { since }]) => this.#context.clock.now() - since >= graceMs);
    if (apply) for (const [digest] of old) this.#blobs.delete(digest);
    const size = (blobs: typeof dead) => blobs.reduce((sum, [, { bytes }]) => sum + bytes.length, 0);
    return {
      blobs: old.length,
      chunks: old.length,
      bytes: size(old),
      graceBytes: size(dead) - size(old),
      applied: apply,
    };
  }

  async verify() {
    const bytes = [...this.#blobs.values()].reduce((sum, blob) => sum + blob.bytes.length, 0);
    return { objects: this.#moments.length, chunks: this.#blobs.size, bytes, damaged: [] };
  }

  async stat() {
    const { bytes } = await this.verify();
    return { commits: this.#moments.length, packs: 0, historyBytes: 0, chunks: this.#blobs.size, chunkBytes: bytes };
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#announce();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #moment(at: Version | undefined): Moment | undefined {
    return at === undefined ? this.#moments.at(-1) : this.#moments[(this.#seqByVersion.get(at) ?? 0) - 1];
  }

  #announce(): void {
    this.#wake.resolve(undefined);
    this.#wake = Promise.withResolvers();
  }

  #changes(request: CommitRequest, before: ReadonlyMap<string, Held>): Planned {
    const members = new Map(before);
    const changes: Change[] = [];
    const unchanged: string[] = [];
    for (const path of request.deletes ?? []) {
      for (const [below, { seq }] of before) {
        if (!isAtOrBelow(below, path)) continue;
        members.delete(below);
        changes.push({ path: below, change: 'delete', previous: seq });
      }
    }
    const puts: { readonly path: string; readonly bytes: Buffer; readonly digest: Digest; readonly big: boolean }[] =
      [];
    for (const put of request.puts ?? []) {
      checkMemberPath(put.path, [...members.keys(), ...puts.map(({ path }) => path)]);
      const content = this.#content(put);
      const old = members.get(put.path);
      if (old?.digest === content.digest && request.force !== true) unchanged.push(put.path);
      else {
        puts.push({ path: put.path, ...content });
        const previous = before.get(put.path)?.seq;
        changes.push({
          ...{ path: put.path, change: 'put', digest: content.digest, size: content.bytes.length },
          ...(previous !== undefined && { previous }),
        });
      }
    }
    return { members, puts, changes, unchanged };
  }

  #content(source: MemberSource): Pick<Held, 'bytes' | 'digest' | 'big'> {
    if ('bytes' in source) {
      const bytes = Buffer.from(source.bytes);
      const digest = digestOf(bytes);
      const big = bytes.length > this.#inline;
      if (big) this.#blobs.set(digest, { bytes, since: this.#context.clock.now() });
      return { bytes, digest, big };
    }
    if ('blob' in source) {
      const blob = this.#blobs.get(source.blob);
      if (!blob) throw new RestageError('store/damaged', `the store has no content ${source.blob}`);
      return { bytes: blob.bytes, digest: source.blob, big: true };
    }
    const held = this.#moment(source.at)?.members.get(source.copyOf);
    if (!held) throw new RestageError('store/version-unknown', `${source.copyOf} is not in version ${source.at}`);
    return held;
  }

  #presentHead(unchanged: readonly string[]): Committed {
    const entry = this.#moments.at(-1)?.entry;
    // An empty history has no head to name: deleting what is not there makes its first commit elsewhere, never here.
    return { version: entry?.version ?? ('0'.repeat(40) as Version), seq: entry?.seq ?? 0, changes: [], unchanged };
  }

  #append(request: CommitRequest, { members, puts, changes, unchanged }: Planned, seq: number, now: number): Committed {
    const last = this.#moments.at(-1)?.entry;
    const time = Math.max(now, last?.time ?? 0);
    const { subject, producer, inputs = [], trailers = {}, requestId } = request;
    const described = { seq, time, subject, producer, changes, inputs, trailers, parent: last?.version };
    const version = createHash('sha1').update(canonicalJson(described)).digest('hex') as Version;
    for (const { path, bytes, digest, big } of puts) members.set(path, { bytes, digest, big, version, seq });
    const entry: LogEntry = {
      ...{ seq, version, time, producer, subject, changes, inputs, trailers },
      ...(requestId !== undefined && { requestId }),
    };
    this.#moments.push({ entry, members });
    this.#seqByVersion.set(version, seq);
    this.#announce();
    return { version, seq, changes, unchanged };
  }
}

class MemoryCursor implements Cursor {
  readonly #now: () => number;
  readonly #entries: () => readonly LogEntry[];
  readonly #drop: () => void;
  readonly #held = new Map<number, { attempt: number; due: number; leased: boolean }>();
  readonly #done = new Set<number>();
  #next: number;

  constructor(from: number, now: () => number, entries: () => readonly LogEntry[], drop: () => void) {
    this.#next = from;
    this.#now = now;
    this.#entries = entries;
    this.#drop = drop;
  }

  async lease(count: number, ttlMs: number): Promise<readonly CursorEntry[]> {
    const leased: CursorEntry[] = [];
    for (const entry of this.#entries()) {
      if (leased.length >= count) break;
      if (entry.seq < this.#next || this.#done.has(entry.seq)) continue;
      const held = this.#held.get(entry.seq);
      if (held && held.due > this.#now()) continue;
      const attempt = (held?.attempt ?? 0) + 1;
      this.#held.set(entry.seq, { attempt, due: this.#now() + ttlMs, leased: true });
      leased.push({ entry, attempt });
    }
    return leased;
  }

  async ack(seq: number): Promise<void> {
    this.#held.delete(seq);
    this.#done.add(seq);
    const waiting = this.#entries().find((entry) => entry.seq >= this.#next && !this.#done.has(entry.seq));
    this.#next = waiting?.seq ?? Math.max(this.#next, seq + 1, ...[...this.#done].map((done) => done + 1));
    for (const done of this.#done) if (done < this.#next) this.#done.delete(done);
  }

  async nack(seq: number, delayMs: number): Promise<void> {
    const attempt = this.#held.get(seq)?.attempt ?? 0;
    this.#held.set(seq, { attempt, due: this.#now() + delayMs, leased: false });
  }

  async seek(seq: number): Promise<void> {
    this.#held.clear();
    this.#done.clear();
    this.#next = seq;
  }

  async state() {
    const held = [...this.#held.values()];
    const leased = held.filter((one) => one.leased && one.due > this.#now()).length;
    return { next: this.#next, leased, delayed: held.length - leased };
  }

  async drop(): Promise<void> {
    this.#drop();
  }
}

function memoryRefs(refs: Map<string, Version>): Refs {
  return {
    get: async (name) => refs.get(name),
    list: async (prefix) =>
      [...refs].filter(([name]) => name.startsWith(prefix)).map(([name, version]) => ({ name, version })),
    set: async (name, value, expected) => {
      const actual = refs.get(name);
      if (actual !== expected) {
        throw new RestageError('store/conflict', `ref ${name} is ${actual ?? 'absent'}`, { details: { name, actual } });
      }
      if (value === undefined) refs.delete(name);
      else refs.set(name, value);
    },
  };
}

function checkExpectations({ expect = {} }: CommitRequest, members: ReadonlyMap<string, Held>): void {
  for (const [path, expected] of Object.entries(expect)) {
    const actual = members.get(path)?.version ?? 'absent';
    if (actual !== expected) {
      throw new RestageError('store/conflict', `${path} is at ${actual} and not at ${expected}`, {
        details: { path, actual },
      });
    }
  }
}
