import { createHash } from 'node:crypto';
import type { Version } from '../../model/id.ts';

/** What the index keeps of one commit. */
export interface IndexedCommit {
  readonly version: Version;
  /** ms since the epoch, never before that of the commit below. */
  readonly time: number;
  readonly requestId?: string;
  /** The members that it changed. */
  readonly paths: readonly string[];
}

/** Commits in a segment. */
export const SEGMENT_COMMITS = 4096;

const MAGIC = 'restage-index/1\n';
const HEADER = MAGIC.length + 8;
const [ID, TIME, ORDER, KEY] = [20, 8, 2, 12];
const CHECKSUM = 32;

/** What stands in an index for a member or a request: 8 bytes of a sha256. */
export function keyOf(kind: 'member' | 'request', text: string): Buffer {
  return createHash('sha256').update(`${kind} ${text}`).digest().subarray(0, 8);
}

/**
 * The index of 4,096 commits in a row, never changed, the same bytes whoever writes it.
 *
 * Header (magic, first seq, number of keys; u32 big-endian), ids (20 bytes each), times (f64, ms), order (u16: the commits by id),
 * keys sorted (8 bytes, then the u32 seq), sha256 of all that.
 */
export class LogSegment {
  readonly firstSeq: number;
  readonly bytes: Buffer;
  readonly #keys: number;

  private constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.firstSeq = bytes.readUInt32BE(MAGIC.length);
    this.#keys = bytes.readUInt32BE(MAGIC.length + 4);
  }

  static write(firstSeq: number, commits: readonly IndexedCommit[]): LogSegment {
    const ids = commits.map(({ version }) => Buffer.from(version, 'hex'));
    const keys = commits.flatMap((commit, at) => keysOf(commit).map((key) => ({ key, seq: firstSeq + at })));
    keys.sort((a, b) => a.key.compare(b.key) || a.seq - b.seq);
    const order = ids.map((_, at) => at).sort((a, b) => ids[a]?.compare(ids[b] ?? Buffer.alloc(0)) ?? 0);
    const bytes = Buffer.alloc(sizeOf(keys.length));
    let at = bytes.write(MAGIC);
    at = bytes.writeUInt32BE(firstSeq, at);
    at = bytes.writeUInt32BE(keys.length, at);
    for (const id of ids) at += id.copy(bytes, at);
    for (const { time } of commits) at = bytes.writeDoubleBE(time, at);
    for (const place of order) at = bytes.writeUInt16BE(place, at);
    for (const { key, seq } of keys) at = bytes.writeUInt32BE(seq, at + key.copy(bytes, at));
    checksum(bytes).copy(bytes, at);
    return new LogSegment(bytes);
  }

  /** Reads a segment; `undefined` if it is not whole. */
  static read(bytes: Buffer): LogSegment | undefined {
    if (bytes.length < sizeOf(0) || bytes.toString('latin1', 0, MAGIC.length) !== MAGIC) return undefined;
    if (bytes.length !== sizeOf(bytes.readUInt32BE(MAGIC.length + 4))) return undefined;
    return checksum(bytes).equals(bytes.subarray(-CHECKSUM)) ? new LogSegment(bytes) : undefined;
  }

  get lastSeq(): number {
    return this.firstSeq + SEGMENT_COMMITS - 1;
  }

  versionAt(seq: number): Version {
    const at = HEADER + (seq - this.firstSeq) * ID;
    return this.bytes.toString('hex', at, at + ID) as Version;
  }

  timeAt(seq: number): number {
    return this.bytes.readDoubleBE(HEADER + SEGMENT_COMMITS * ID + (seq - this.firstSeq) * TIME);
  }

  /** Seqs of versions that begin with these hex digits. */
  *withPrefix(digits: string): Generator<number> {
    let [low, high] = [0, SEGMENT_COMMITS];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.versionAt(this.#ordered(middle)) < digits) low = middle + 1;
      else high = middle;
    }
    for (; low < SEGMENT_COMMITS && this.versionAt(this.#ordered(low)).startsWith(digits); low++)
      yield this.#ordered(low);
  }

  /** Seqs that a key has, newest first, at or below `last`. */
  *seqsOf(key: Buffer, last: number): Generator<number> {
    const start = sizeOf(0) - CHECKSUM;
    let [low, high] = [0, this.#keys];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = start + middle * KEY;
      const order = this.bytes.compare(key, 0, 8, at, at + 8);
      if (order < 0 || (order === 0 && this.bytes.readUInt32BE(at + 8) <= last)) low = middle + 1;
      else high = middle;
    }
    for (let at = start + (low - 1) * KEY; at >= start && this.bytes.compare(key, 0, 8, at, at + 8) === 0; at -= KEY) {
      yield this.bytes.readUInt32BE(at + 8);
    }
  }

  #ordered(at: number): number {
    return this.firstSeq + this.bytes.readUInt16BE(HEADER + SEGMENT_COMMITS * (ID + TIME) + at * ORDER);
  }
}

function keysOf({ paths, requestId }: IndexedCommit): Buffer[] {
  const keys = paths.map((path) => keyOf('member', path));
  return requestId === undefined ? keys : [...keys, keyOf('request', requestId)];
}

function sizeOf(keys: number): number {
  return HEADER + SEGMENT_COMMITS * (ID + TIME + ORDER) + keys * KEY + CHECKSUM;
}

function checksum(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes.subarray(0, -CHECKSUM)).digest();
}
