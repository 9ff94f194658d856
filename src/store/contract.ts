import type { Readable } from 'node:stream';
import type { Digest, Version } from '../model/id.ts';

/**
 * Where everything is kept, versioned: a history of members, and chunks for what is big.
 *
 * *Acknowledged means durable*: when `commit`, `putBlob` or a change of a ref or cursor has resolved, a power cut
 * loses nothing of it; when it has rejected, nothing of it is visible. Commits have one linear order; the history *is*
 * the event log, so that nothing can be stored without its event, nor announced without being stored. Own writes are
 * read at once. Reads create nothing and never throw for absence. Several processes may hold one store; each call
 * sees what others have acknowledged before it began.
 *
 * A *path* names a member: UTF-8 NFC, at most 1,024 bytes, segments of at most 200 bytes between single `/`, none of
 * them `.`, `..`, `.git` or with a leading `-`, no `@` and no control character; else `store/path`. A member above
 * or below an existing one (`a`, `a/b`) is refused with the same code.
 *
 * Every call ends soon after the store's signal has aborted, with the signal's reason. `close` waits for the batch in
 * flight and never throws.
 */
export interface Store extends AsyncDisposable {
  /** What `open` found: engine, id, place. */
  readonly description: StoreDescription;

  /**
   * Adds one version to the history: all changes or none.
   *
   * Equal content is no change: a member whose content is already there is listed in `unchanged`, and when nothing
   * is left the answer names the present head and no commit is made, unless `force`. Rejects with `store/conflict`
   * (details: `path`, `actual`) when a member is not as `expect` says, and with `store/full` when there is no room.
   * A `requestId` that was seen in the last 24 hours returns its first answer and changes nothing.
   */
  commit(request: CommitRequest): Promise<Committed>;

  /** Reads a member at a version (absent: now); `undefined` if it is not there. The content is verified as it is read. */
  read(path: string, at?: Version): Promise<Member | undefined>;

  /**
   * Resolves what may stand after `@`: `HEAD`, `latest`, `~N` (N versions of this member earlier), 4 to 40 hex digits,
   * `seq:N`, `sha256:…` (the newest version in which `path` had this content), a tag, a time, `{2 hours ago}`.
   *
   * @throws {RestageError} `store/version-syntax`, `store/version-unknown`, `store/version-ambiguous` (with candidates)
   */
  resolve(text: string, path?: string): Promise<Version>;

  /** The members below a prefix (a path or '') at a version, in the order of their paths. */
  list(prefix: string, at?: Version): Promise<readonly MemberEntry[]>;

  /** The versions in which a member changed, newest first. */
  history(path: string, limit?: number): Promise<readonly LogEntry[]>;

  /**
   * Every commit with `seq >= from`, once, in order; with `prefix` only those that changed a member at or below it.
   * `follow` goes on until the consumer breaks the loop or the store's signal aborts, also over commits of other processes.
   */
  log(from: number, options?: { readonly prefix?: string; readonly follow?: boolean }): AsyncIterable<LogEntry>;

  /** Newest version and its seq; `undefined` while the history is empty. */
  head(): Promise<{ readonly version: Version; readonly seq: number } | undefined>;

  /**
   * Takes content into the chunk plane, in bounded memory. Durable when it resolves. Equal content is stored once.
   * What no commit names within `gc.grace` (24 hours) may be collected.
   */
  putBlob(source: BlobSource, options?: { readonly chunker?: ChunkerId }): Promise<PutBlob>;

  /** Whether the chunk plane has the whole content. Looks at the recipe and the index, reads no chunk. */
  hasBlob(digest: Digest): Promise<boolean>;

  /** The content of a blob, every chunk verified; `undefined` if it is not there. The stream fails with `store/damaged`. */
  readBlob(digest: Digest, range?: ByteRange): Promise<BlobReader | undefined>;

  /** Names for versions and values that move, changed by compare-and-set. */
  readonly refs: Refs;

  /** A durable consumer of the log. Made when first used. */
  cursor(name: string, options?: { readonly prefix?: string; readonly from?: number }): Cursor;

  /**
   * What `gc` would remove, and what it removed if `apply` is set. Nothing younger than `graceMs`, nothing reachable,
   * nothing pinned. Reachable is what the head has, and what a commit of the history put unless `isExpired` says that
   * this put no longer holds its content. History itself is never rewritten.
   */
  gc(options: GcOptions): Promise<GcReport>;

  /** Re-reads everything (`quick`: heads and indexes only) and names what is damaged, down to the object and its file. */
  verify(options?: { readonly quick?: boolean }): Promise<VerifyReport>;

  stat(): Promise<StoreStat>;

  /** Ends the store: waits for the batch in flight, releases locks, never throws, may be called twice. */
  close(): Promise<void>;
}

/** What a store is. */
export interface StoreDescription {
  readonly engine: string;
  /** A uuid made with the store. */
  readonly id: string;
  /** Where it lies, such as a directory. */
  readonly place: string;
}

/** Content of a new member: bytes; a blob that `putBlob` has taken in (big content); or a member as another version has it. */
export type MemberSource =
  | { readonly bytes: Uint8Array }
  | { readonly blob: Digest; readonly size: number }
  | { readonly copyOf: string; readonly at: Version };

/** One transaction. */
export interface CommitRequest {
  readonly puts?: readonly ({ readonly path: string } & MemberSource)[];
  /** Members to take away; a path that has members below it takes them all away. One that is not there is fine. */
  readonly deletes?: readonly string[];
  /** By member: the version in which it must have changed last, or that it must not be there. */
  readonly expect?: Readonly<Record<string, Version | 'absent'>>;
  /** First line of the message, below 100 characters. */
  readonly subject: string;
  /** Who makes it, such as `rino@lab`. */
  readonly producer: string;
  /** What it was made from, for provenance. */
  readonly inputs?: readonly CommitInput[];
  /** Repeats with the same id are answered and not performed. */
  readonly requestId?: string;
  /** Commits even when nothing changes. */
  readonly force?: boolean;
  /** Further trailers: `Session`, `Command`, `Exit`, … without the `Restage-` before them. */
  readonly trailers?: Readonly<Record<string, string>>;
}

/** A member as it was used: path, version, content. */
export interface CommitInput {
  readonly path: string;
  readonly version: Version;
  readonly digest: Digest;
}

/** The answer to a transaction. */
export interface Committed {
  readonly version: Version;
  readonly seq: number;
  readonly changes: readonly Change[];
  readonly unchanged: readonly string[];
}

/** What a commit did to one member. */
export interface Change {
  readonly path: string;
  readonly change: 'put' | 'delete';
  /** Of the content; absent for `delete`. */
  readonly digest?: Digest;
  readonly size?: number;
  /** Seq of the commit that changed this member before; absent if none did. */
  readonly previous?: number;
}

/** A member of the history at one version. */
export interface MemberEntry {
  readonly path: string;
  /** Of the content, big or small. */
  readonly digest: Digest;
  /** Bytes of the content. */
  readonly size: number;
  /** Whether the content lies in the chunk plane. */
  readonly big: boolean;
}

/** A member with its content. */
export interface Member extends MemberEntry {
  /** The version in which it became what it is. */
  readonly version: Version;
  readonly seq: number;
  /** The whole content, verified. For what is known to be small. */
  bytes(): Promise<Buffer>;
  /** The content as a stream, verified as it passes. */
  stream(range?: ByteRange): Readable;
}

/** Bytes from `start` up to before `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** One commit as an event. */
export interface LogEntry {
  readonly seq: number;
  readonly version: Version;
  /** ms since the epoch; never goes backwards along the log. */
  readonly time: number;
  readonly producer: string;
  readonly subject: string;
  readonly changes: readonly Change[];
  readonly inputs: readonly CommitInput[];
  readonly requestId?: string;
  readonly trailers: Readonly<Record<string, string>>;
}

/** How content is cut into chunks; part of the format. */
export type ChunkerId = 'cdc-64k' | 'cdc-256k' | 'cdc-1m' | 'fixed-1m';

/** Where content comes from: bytes, a stream, or a file of this machine. */
export type BlobSource = Uint8Array | AsyncIterable<Uint8Array> | { readonly file: string };

/** What `putBlob` took in. */
export interface PutBlob {
  /** Of the whole content. */
  readonly digest: Digest;
  readonly size: number;
  /** Bytes that the store grew by; 0 when it had all of it. */
  readonly newBytes: number;
}

/** Content of the chunk plane. */
export interface BlobReader {
  readonly size: number;
  readonly stream: Readable;
}

/** Names that move. A name is a path below `refs/restage/` or `refs/tags/`. */
export interface Refs {
  get(name: string): Promise<Version | undefined>;
  list(prefix: string): Promise<readonly { readonly name: string; readonly version: Version }[]>;
  /** Durable. `undefined` as value deletes; rejects with `store/conflict` when the present value is not `expected`. */
  set(name: string, value: Version | undefined, expected: Version | undefined): Promise<void>;
}

/**
 * A consumer that survives: `pending → leased(n, until) → done`; lease over or `nack` → `delayed → leased(n + 1)`.
 *
 * `lease` makes the attempt count durable before it answers, so that a consumer that dies is counted too.
 * Acknowledgements may come in any order; the floor moves to the last entry before which all is done.
 */
export interface Cursor {
  /** Up to `count` entries that are due, each leased for `ttlMs`. Empty when nothing is. */
  lease(count: number, ttlMs: number): Promise<readonly CursorEntry[]>;
  ack(seq: number): Promise<void>;
  nack(seq: number, delayMs: number): Promise<void>;
  /** Forgets all leases and goes on at `seq`. */
  seek(seq: number): Promise<void>;
  /** The floor and what is out: for `data ls --cursors`. */
  state(): Promise<{ readonly next: number; readonly leased: number; readonly delayed: number }>;
  drop(): Promise<void>;
}

/** An entry that a consumer has leased. */
export interface CursorEntry {
  readonly entry: LogEntry;
  /** 1 at the first delivery. */
  readonly attempt: number;
}

/** How content is collected. */
export interface GcOptions {
  readonly apply: boolean;
  readonly graceMs: number;
  /** By member and seq of the commit that put it: purged snapshots, old undo saves, what a rule of retention lets go. */
  readonly isExpired?: (path: string, seq: number) => boolean;
}

/** What `gc` found. */
export interface GcReport {
  readonly blobs: number;
  readonly chunks: number;
  /** Bytes that are freed on disk, or would be. */
  readonly bytes: number;
  /** Bytes that stay since they are younger than the grace time. */
  readonly graceBytes: number;
  readonly applied: boolean;
}

/** What `verify` found. */
export interface VerifyReport {
  readonly objects: number;
  readonly chunks: number;
  readonly bytes: number;
  readonly damaged: readonly { readonly what: string; readonly file: string; readonly why: string }[];
}

/** How much there is. */
export interface StoreStat {
  readonly commits: number;
  readonly packs: number;
  readonly historyBytes: number;
  readonly chunks: number;
  readonly chunkBytes: number;
}
