import type { Version } from '../../model/id.ts';
import { type IndexedCommit, keyOf, LogSegment, SEGMENT_COMMITS } from './log-segment.ts';

/** Digits by which versions are grouped: the fewest that may stand for one. */
const START = 4;

/**
 * What is looked up in the history without walking it: seq → version, version → seq, member → seqs, request → seq.
 *
 * All of it is derived from the commits, and can be built again from them. The old part lies in segments that are
 * searched where they are; only the newest few thousand commits are kept in maps.
 */
export class LogIndex {
  readonly #segments: LogSegment[] = [];
  #tail: IndexedCommit[] = [];
  readonly #seqByVersion = new Map<Version, number>();
  readonly #versionsByStart = new Map<string, Version[]>();
  readonly #seqsByPath = new Map<string, number[]>();
  readonly #seqByRequest = new Map<string, number>();

  /** Number of commits: seq of the newest. */
  get length(): number {
    return this.segmentEnd + this.#tail.length;
  }

  /** The last seq that lies in a segment. */
  get segmentEnd(): number {
    return this.#segments.length * SEGMENT_COMMITS;
  }

  /** The parts that do not change any more. */
  get segments(): readonly LogSegment[] {
    return this.#segments;
  }

  at(seq: number): Pick<IndexedCommit, 'version' | 'time'> | undefined {
    if (seq > this.segmentEnd) return this.#tail[seq - this.segmentEnd - 1];
    const segment = this.#segments[Math.floor((seq - 1) / SEGMENT_COMMITS)];
    return segment && { version: segment.versionAt(seq), time: segment.timeAt(seq) };
  }

  /** The commits above `seq` that lie in no segment, oldest first. */
  tailAfter(seq: number): readonly IndexedCommit[] {
    return this.#tail.slice(Math.max(seq - this.segmentEnd, 0));
  }

  seqOf(version: Version): number | undefined {
    const seq = this.#seqByVersion.get(version);
    if (seq !== undefined) return seq;
    for (const segment of this.#segments.toReversed()) for (const found of segment.withPrefix(version)) return found;
    return undefined;
  }

  /** Seq of the newest commit that is not younger; 0 if all are. */
  seqBefore(ms: number): number {
    let low = 0;
    let high = this.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.at(middle + 1)?.time ?? Infinity) <= ms) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Up to `limit` versions that begin with some hex digits, four at least. */
  withPrefix(digits: string, limit: number): Version[] {
    const found: Version[] = [];
    const near = this.#versionsByStart.get(digits.slice(0, START)) ?? [];
    found.push(...near.filter((version) => version.startsWith(digits)));
    for (const segment of this.#segments) {
      for (const seq of segment.withPrefix(digits)) found.push(segment.versionAt(seq));
    }
    return found.slice(0, limit);
  }

  /** Seqs at or below `last` in which a member changed, newest first. */
  *changesOf(path: string, last = Infinity): Generator<number> {
    for (const seq of (this.#seqsByPath.get(path) ?? []).toReversed()) if (seq <= last) yield seq;
    if (this.#segments.length === 0) return;
    const key = keyOf('member', path);
    for (const segment of this.#segments.toReversed()) {
      if (segment.firstSeq <= last) yield* segment.seqsOf(key, Math.min(last, segment.lastSeq));
    }
  }

  /** Seq of the newest commit at or below `last` in which a member changed. */
  lastChange(path: string, last = Infinity): number | undefined {
    for (const seq of this.changesOf(path, last)) return seq;
    return undefined;
  }

  /** Seq of the newest commit that a request has made. */
  request(id: string): number | undefined {
    const seq = this.#seqByRequest.get(id);
    if (seq !== undefined || this.#segments.length === 0) return seq;
    const key = keyOf('request', id);
    for (const segment of this.#segments.toReversed()) {
      for (const found of segment.seqsOf(key, segment.lastSeq)) return found;
    }
    return undefined;
  }

  /** Takes in the next segment from disk; the tail must be empty. */
  addSegment(segment: LogSegment): void {
    this.#segments.push(segment);
  }

  append(commit: IndexedCommit): void {
    this.#tail.push(commit);
    this.#map(commit, this.length);
    if (this.#tail.length >= 2 * SEGMENT_COMMITS) this.#freeze();
  }

  /**
   * Forgets everything above a seq: someone has moved the branch back.
   *
   * @returns the new length, which is lower when `seq` lies within a segment
   */
  truncate(seq: number): number {
    if (seq < this.segmentEnd) {
      this.#segments.length = Math.floor(seq / SEGMENT_COMMITS);
      this.#tail = [];
    } else this.#tail.length = Math.min(seq - this.segmentEnd, this.#tail.length);
    this.#remap();
    return this.length;
  }

  /** The older half of a long tail becomes a segment. */
  #freeze(): void {
    this.#segments.push(LogSegment.write(this.segmentEnd + 1, this.#tail.slice(0, SEGMENT_COMMITS)));
    this.#tail = this.#tail.slice(SEGMENT_COMMITS);
    this.#remap();
  }

  #remap(): void {
    for (const map of [this.#seqByVersion, this.#versionsByStart, this.#seqsByPath, this.#seqByRequest]) map.clear();
    for (const [at, commit] of this.#tail.entries()) this.#map(commit, this.segmentEnd + at + 1);
  }

  #map({ version, requestId, paths }: IndexedCommit, seq: number): void {
    this.#seqByVersion.set(version, seq);
    pushTo(this.#versionsByStart, version.slice(0, START), version);
    if (requestId !== undefined) this.#seqByRequest.set(requestId, seq);
    for (const path of paths) pushTo(this.#seqsByPath, path, seq);
  }
}

function pushTo<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
