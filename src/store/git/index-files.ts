import { crc32 } from 'node:zlib';
import type { Version } from '../../model/id.ts';
import type { Files } from '../../platform/files.ts';
import type { LogIndex } from './log-index.ts';
import { type IndexedCommit, LogSegment, SEGMENT_COMMITS } from './log-segment.ts';

/** The index of the log on disk: whole segments, and the newest commits as lines that are appended to. */
export interface IndexFiles {
  /** Fills an empty index with what is on disk and whole. */
  load(index: LogIndex): Promise<void>;
  /** Brings the files up to the index. Only under the lock of the branch, since others append too. */
  flush(index: LogIndex): Promise<void>;
  /** Commits that only the index in memory has. */
  pending(index: LogIndex): number;
}

/** The files below `directory`, such as `.restage/index`. They are derived: whatever is wrong with them is built again. */
export function createIndexFiles(directory: string, files: Files): IndexFiles {
  const tail = `${directory}/tail`;
  /** What the files hold as far as we know: the last seq, the segments, and the length and the inode of the tail. */
  let known = { seq: 0, segments: 0, size: 0, inode: 0 };

  const look = async () => {
    const stat = await files.stat(tail);
    return { size: stat?.size ?? 0, inode: stat?.inode ?? 0 };
  };
  const rewrite = async (index: LogIndex): Promise<void> => {
    for (const segment of index.segments) {
      const path = `${directory}/${segmentName(segment.firstSeq)}`;
      if ((await files.stat(path))?.size !== segment.bytes.length) await files.write(path, segment.bytes);
    }
    for (const { name } of await files.list(directory)) {
      if (/^segment-\d+$/.test(name) && name >= segmentName(index.segmentEnd + 1))
        await files.remove(`${directory}/${name}`);
    }
    await files.write(tail, writeTail(index.segmentEnd, index.tailAfter(0)));
    known = { seq: index.length, segments: index.segments.length, ...(await look()) };
  };
  return {
    pending: (index) => index.length - known.seq,
    load: async (index) => {
      for (let first = 1; ; first += SEGMENT_COMMITS) {
        const path = `${directory}/${segmentName(first)}`;
        const segment = (await files.exists(path)) ? LogSegment.read(await files.read(path)) : undefined;
        if (segment?.firstSeq !== first) break;
        index.addSegment(segment);
      }
      const segments = index.segments.length;
      const { inode } = await look();
      const text = (await files.readIfExists(tail)) ?? '';
      const { commits, isWhole } = parseTail(text, index.length);
      for (const commit of commits) index.append(commit);
      // A torn line makes the next flush write the file anew.
      known = { seq: index.length, segments, size: isWhole ? Buffer.byteLength(text) : -1, inode };
    },
    flush: async (index) => {
      const present = await look();
      const isOurs = present.size === known.size && present.inode === known.inode;
      const from = isOurs ? known.seq : 0;
      const isSame = isOurs && known.segments === index.segments.length && present.inode !== 0;
      const isTailOnly = isSame && from >= index.segmentEnd && from <= index.length;
      if (!isTailOnly) {
        await rewrite(index);
        return;
      }
      const lines = Buffer.from(writeTail(from, index.tailAfter(from)));
      await using file = await files.open(tail, 'write');
      await file.write(present.size, lines);
      known = { ...known, seq: index.length, size: present.size + lines.length };
    },
  };
}

/** Writes commits as lines: crc32, seq, and the rest as JSON. */
export function writeTail(after: number, commits: readonly IndexedCommit[]): string {
  return commits
    .map(({ version, time, requestId = null, paths }, at) => {
      const text = JSON.stringify([after + at + 1, version, time, requestId, paths]);
      return `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`;
    })
    .join('');
}

/** Reads lines up to the first one that is torn, wrong or does not follow on. Those at or below `after` are passed over. */
export function parseTail(
  text: string,
  after: number,
): { readonly commits: readonly IndexedCommit[]; readonly isWhole: boolean } {
  const commits: IndexedCommit[] = [];
  const lines = text.split('\n');
  const torn = lines.pop();
  for (const line of lines) {
    const json = line.slice(9);
    if (crc32(json).toString(16).padStart(8, '0') !== line.slice(0, 8)) return { commits, isWhole: false };
    const [seq, version, time, requestId, paths] = JSON.parse(json) as [
      number,
      Version,
      number,
      string | null,
      string[],
    ];
    if (seq <= after) continue;
    if (seq !== after + commits.length + 1) return { commits, isWhole: false };
    commits.push({ version, time, paths, ...(requestId !== null && { requestId }) });
  }
  return { commits, isWhole: torn === '' };
}

function segmentName(firstSeq: number): string {
  return `segment-${String(firstSeq).padStart(10, '0')}`;
}
