import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { RestageError } from '../errors.ts';
import type { Digest, Version } from '../model/id.ts';
import { compareText } from '../model/order.ts';
import type { ChunkPlane } from './chunk/contract.ts';
import type * as contract from './contract.ts';
import type { StoreContext } from './engines/contract.ts';
import { RefCursor } from './git/cursor-ref.ts';
import type { PreparedPut } from './git/draft.ts';
import { liveDigests } from './git/live-digests.ts';
import type { Located } from './git/history.ts';
import { type HistoryPlane, writerOf } from './git/open-history.ts';
import { objectId } from './git/object.ts';
import { contentOf, parsePointer, writePointer } from './git/pointer.ts';
import { createRefs } from './git/ref-store.ts';
import { historyStat } from './git/history-stat.ts';
import { verifyHistory } from './git/verify-history.ts';
import { Lru } from './lru.ts';
import { checkMemberPath, isAtOrBelow } from './member-path.ts';
import { releasedDigests } from './released.ts';
import { resolveVersionText } from './resolve.ts';

/** The two planes of a store, and what it works with. */
export interface DirectoryParts {
  readonly history: HistoryPlane;
  readonly chunks: ChunkPlane;
  readonly context: StoreContext;
  readonly inline?: number;
}

const DEFAULT_INLINE = 32 * 1024;
/** Versions that an ambiguous prefix may list. */
const CANDIDATES = 20;

/** The store of the engine `directory`: the history in git, what is big in chunks. */
export class DirectoryStore implements contract.Store {
  readonly description: contract.StoreDescription;
  readonly refs: contract.Refs;
  readonly #plane: HistoryPlane;
  readonly #chunks: ChunkPlane;
  readonly #context: StoreContext;
  readonly #inline: number;
  readonly #pastMembers = new Lru<string, Located>(20_000);
  readonly #flying = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(description: contract.StoreDescription, { history, chunks, context, inline }: DirectoryParts) {
    this.description = description;
    this.#plane = history;
    this.#chunks = chunks;
    this.#context = context;
    this.#inline = inline ?? DEFAULT_INLINE;
    this.refs = createRefs(history, context);
  }

  async commit(request: contract.CommitRequest): Promise<contract.Committed> {
    this.#context.signal.throwIfAborted();
    if (this.#closing) throw new Error('the store is closed');
    const answer = this.#commit(request);
    this.#flying.add(answer);
    try {
      return await answer;
    } finally {
      this.#flying.delete(answer);
    }
  }

  async read(path: string, at?: Version): Promise<contract.Member | undefined> {
    const located = at === undefined ? await this.#locateNow(path) : await this.#locateAt(path, at);
    return located && this.#member(path, located);
  }

  async resolve(text: string, path?: string): Promise<Version> {
    const { history, index, refs } = this.#plane;
    const head = await history.refresh();
    return resolveVersionText(text, path, {
      now: this.#context.clock.now(),
      head: async () => head,
      bySeq: async (seq) => index.at(seq),
      byPrefix: async (digits) => index.withPrefix(digits, CANDIDATES),
      history: (name) => this.history(name),
      ref: async (name) => {
        const id = await refs.read(name);
        return id === undefined ? undefined : history.peel(id);
      },
      before: async (ms) => index.at(index.seqBefore(ms))?.version,
    });
  }

  async list(prefix: string, at?: Version): Promise<readonly contract.MemberEntry[]> {
    const { history, trees } = this.#plane;
    const root = at === undefined ? await history.refresh() : await this.#treeAt(at);
    const members: contract.MemberEntry[] = [];
    for await (const { path, id } of trees.files(root?.tree, prefix)) {
      members.push({ path, ...(await history.content(id)) });
    }
    return members.sort((a, b) => compareText(a.path, b.path));
  }

  async history(path: string, limit = Infinity): Promise<readonly contract.LogEntry[]> {
    const { history, index } = this.#plane;
    await history.refresh();
    const entries: contract.LogEntry[] = [];
    for (const seq of index.changesOf(path)) {
      if (entries.length >= limit) break;
      const entry = await history.entry(seq);
      if (entry) entries.push(entry);
    }
    return entries;
  }

  async *log(
    from: number,
    { prefix = '', follow = false }: { readonly prefix?: string; readonly follow?: boolean } = {},
  ): AsyncGenerator<contract.LogEntry> {
    const { history, watch } = this.#plane;
    for (let next = Math.max(from, 1); ;) {
      this.#context.signal.throwIfAborted();
      const last = (await history.refresh())?.seq ?? 0;
      for (; next <= last; next++) {
        const entry = await history.entry(next);
        if (!entry) break; // The branch was moved back while we read.
        if (prefix === '' || entry.changes.some(({ path }) => isAtOrBelow(path, prefix))) yield entry;
      }
      if (!follow || this.#closing) return;
      await watch.wait();
    }
  }

  async head() {
    const head = await this.#plane.history.refresh();
    return head && { version: head.version, seq: head.seq };
  }

  putBlob(source: contract.BlobSource, options?: { readonly chunker?: contract.ChunkerId }) {
    return this.#chunks.putBlob(source, options);
  }

  hasBlob(digest: Digest): Promise<boolean> {
    return this.#chunks.hasBlob(digest);
  }

  readBlob(digest: Digest, range?: contract.ByteRange) {
    return this.#chunks.readBlob(digest, range);
  }

  cursor(name: string, options: { readonly prefix?: string; readonly from?: number } = {}): contract.Cursor {
    return new RefCursor(name, options, { plane: this.#plane, context: this.#context });
  }

  async gc({ apply, graceMs, isExpired }: contract.GcOptions): Promise<contract.GcReport> {
    if (apply) writerOf(this.#plane);
    const live = async () => {
      const named = await liveDigests(this.#plane, this.#context);
      if (!isExpired) return named;
      const released = await releasedDigests(this, isExpired);
      return new Set([...named].filter((digest) => !released.has(digest)));
    };
    return this.#chunks.gc({ apply, graceMs, live });
  }

  async verify({ quick = false }: { readonly quick?: boolean } = {}): Promise<contract.VerifyReport> {
    const history = await verifyHistory(this.#plane, this.#context, quick);
    const chunks = await this.#chunks.verify({ quick });
    return {
      objects: history.objects + chunks.objects,
      chunks: chunks.chunks,
      bytes: history.bytes + chunks.bytes,
      damaged: [...history.damaged, ...chunks.damaged],
    };
  }

  async stat(): Promise<contract.StoreStat> {
    const { packs, ...history } = await historyStat(this.#plane, this.#context);
    const { chunks, chunkBytes, packs: chunkPacks } = await this.#chunks.stat();
    return { ...history, packs: packs + chunkPacks, chunks, chunkBytes };
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    await Promise.allSettled(this.#flying);
    await Promise.allSettled([this.#plane.close(), this.#chunks.close()]);
  }

  async #commit(request: contract.CommitRequest): Promise<contract.Committed> {
    const { commits } = writerOf(this.#plane);
    const puts: PreparedPut[] = [];
    for (const put of request.puts ?? []) {
      checkMemberPath(put.path);
      puts.push({ path: put.path, ...(await this.#prepare(put)) });
    }
    return commits.submit({ request, puts });
  }

  async #locateNow(path: string): Promise<Located | undefined> {
    await this.#plane.history.refresh();
    return this.#plane.history.memberNow(path);
  }

  async #locateAt(path: string, at: Version): Promise<Located | undefined> {
    const key = `${at}:${path}`;
    const known = this.#pastMembers.get(key);
    if (known) return known;
    const root = await this.#treeAt(at);
    const located = root && (await this.#plane.history.locate(path, root.tree, root.seq));
    if (located) this.#pastMembers.set(key, located);
    return located;
  }

  async #treeAt(at: Version) {
    const { history } = this.#plane;
    const known = await history.treeAt(at);
    if (known) return known;
    await history.refresh();
    return history.treeAt(at);
  }

  #member(path: string, { blob, info, seq, version }: Located): contract.Member {
    const { objects } = this.#plane;
    return {
      ...{ path, ...info, seq, version },
      bytes: async () => {
        if (!info.big) return Buffer.from(await objects.need(blob, 'blob'));
        return buffer((await this.#bigContent(info.digest)).stream);
      },
      stream: (range) => Readable.from(this.#parts(blob, info, range), { objectMode: false }),
    };
  }

  async *#parts(
    blob: string,
    { big, digest }: { readonly big: boolean; readonly digest: Digest },
    range?: contract.ByteRange,
  ): AsyncGenerator<Buffer> {
    if (!big) yield (await this.#plane.objects.need(blob, 'blob')).subarray(range?.start, range?.end);
    else yield* (await this.#bigContent(digest, range)).stream as AsyncIterable<Buffer>;
  }

  async #bigContent(digest: Digest, range?: contract.ByteRange): Promise<contract.BlobReader> {
    const content = await this.#chunks.readBlob(digest, range);
    if (content) return content;
    throw new RestageError('store/damaged', `the content ${digest} is not in the store`, { details: { digest } });
  }

  async #prepare(source: contract.MemberSource): Promise<Omit<PreparedPut, 'path'>> {
    if ('copyOf' in source) {
      const located = await this.#locateAt(source.copyOf, source.at);
      if (located) return { blob: located.blob, info: located.info };
      const { copyOf: path, at } = source;
      throw new RestageError('store/version-unknown', `there is no ${path} in version ${at}`, {
        details: { path, at },
      });
    }
    if ('blob' in source) return this.#prepareBig(source.blob, source.size);
    const bytes = Buffer.from(source.bytes);
    // Content that looks like a pointer must not be taken for one when it is read.
    if (bytes.length > this.#inline || parsePointer(bytes)) {
      const { digest, size } = await this.#chunks.putBlob(bytes);
      return preparedBlob(writePointer(digest, size));
    }
    return preparedBlob(bytes);
  }

  async #prepareBig(digest: Digest, size: number): Promise<Omit<PreparedPut, 'path'>> {
    if (await this.#chunks.hasBlob(digest)) return preparedBlob(writePointer(digest, size));
    throw new RestageError('store/damaged', `the store has no content ${digest}`, {
      hint: 'Take the content in before a version names it',
      details: { digest },
    });
  }
}

function preparedBlob(body: Buffer): Omit<PreparedPut, 'path'> {
  return { blob: objectId('blob', body), info: contentOf(body), body };
}
