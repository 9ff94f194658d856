import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Version } from '../../../src/model/id.ts';
import { createIndexFiles, parseTail, writeTail } from '../../../src/store/git/index-files.ts';
import { LogIndex } from '../../../src/store/git/log-index.ts';
import { type IndexedCommit, LogSegment, SEGMENT_COMMITS } from '../../../src/store/git/log-segment.ts';
import { testContext } from '../../rig/context.ts';
import { temporaryDirectory } from '../../rig/temporary-directory.ts';

const COUNT = 3 * SEGMENT_COMMITS + 17;

function commitAt(seq: number): IndexedCommit {
  const version = createHash('sha1').update(`${seq}`).digest('hex') as Version;
  const request = seq % 100 === 0 ? { requestId: `r${seq}` } : {};
  return { version, time: seq * 1000, paths: [`s/${seq % 7}`, ...(seq === 5000 ? ['rare'] : [])], ...request };
}

function filled(count = COUNT): LogIndex {
  const index = new LogIndex();
  for (let seq = 1; seq <= count; seq++) index.append(commitAt(seq));
  return index;
}

describe('the index of the log', () => {
  test('answers the same from segments and from its tail', () => {
    const index = filled();
    expect(index.segments.length).toBeGreaterThan(0);
    expect(index.length).toBe(COUNT);
    for (const seq of [1, 4096, 4097, 8192, COUNT - 1, COUNT]) {
      const { version, time } = commitAt(seq);
      expect(index.at(seq)).toMatchObject({ version, time });
      expect(index.seqOf(version)).toBe(seq);
      expect(index.withPrefix(version.slice(0, 12), 5)).toEqual([version]);
      expect(index.seqBefore(time + 1)).toBe(seq);
    }
    expect(index.at(COUNT + 1)).toBeUndefined();
    expect(index.seqBefore(0)).toBe(0);
    expect(index.request('r200')).toBe(200);
    expect(index.request('r12300')).toBe(12300);
    expect(index.request('r1')).toBeUndefined();
    const expected = Array.from({ length: COUNT }, (_, at) => COUNT - at).filter((seq) => seq % 7 === 3);
    expect([...index.changesOf('s/3')]).toEqual(expected);
    expect([...index.changesOf('s/3', 6000)]).toEqual(expected.filter((seq) => seq <= 6000));
    expect(index.lastChange('rare')).toBe(5000);
    expect(index.lastChange('rare', 4999)).toBeUndefined();
    expect(index.lastChange('nothing')).toBeUndefined();
  });

  test('forgets what stood above, down to the segment that it cuts', () => {
    const index = filled();
    expect(index.truncate(COUNT - 3)).toBe(COUNT - 3);
    expect(index.seqOf(commitAt(COUNT).version)).toBeUndefined();
    expect(index.truncate(5000)).toBe(SEGMENT_COMMITS);
    expect(index.lastChange('rare')).toBeUndefined();
    expect(index.truncate(0)).toBe(0);
  });

  test('a segment with a flipped bit is none', () => {
    const { bytes } = LogSegment.write(
      1,
      Array.from({ length: SEGMENT_COMMITS }, (_, at) => commitAt(at + 1)),
    );
    expect(LogSegment.read(bytes)?.versionAt(7)).toBe(commitAt(7).version);
    for (let at = 0; at < bytes.length; at += 9973) {
      const broken = Buffer.from(bytes);
      broken[at] = (broken[at] ?? 0) ^ 2;
      expect(LogSegment.read(broken), `byte ${at}`).toBeUndefined();
    }
    expect(LogSegment.read(bytes.subarray(0, -1))).toBeUndefined();
  });
});

describe('its files', () => {
  test('bring it back, also when two processes have written them in turn', async () => {
    using scratch = temporaryDirectory();
    const { files } = testContext();
    const [one, two] = [createIndexFiles(scratch.path, files), createIndexFiles(scratch.path, files)];
    const index = filled(9000);
    await one.flush(index);
    const other = new LogIndex();
    await two.load(other);
    for (let seq = 9001; seq <= 9100; seq++) {
      index.append(commitAt(seq));
      other.append(commitAt(seq));
      if (seq % 10 === 0) await (seq % 20 === 0 ? one : two).flush(seq % 20 === 0 ? index : other);
    }
    const again = new LogIndex();
    await createIndexFiles(scratch.path, files).load(again);
    expect(again.length).toBe(9100);
    for (const seq of [1, 5000, 9000, 9001, 9100]) expect(again.at(seq)?.version).toBe(commitAt(seq).version);
    expect(again.lastChange('rare')).toBe(5000);
    expect(readdirSync(scratch.path)).toEqual(['segment-0000000001', 'tail']);
    index.truncate(100);
    await one.flush(index);
    expect(readdirSync(scratch.path)).toEqual(['tail']);
  });

  test('a tail that has grown long leaves its older half in a segment', async () => {
    using scratch = temporaryDirectory();
    const index = new LogIndex();
    const indexFiles = createIndexFiles(scratch.path, testContext().files);
    for (let seq = 1; seq <= COUNT; seq++) {
      index.append(commitAt(seq));
      if (seq % 512 === 0) await indexFiles.flush(index);
    }
    expect(readdirSync(scratch.path)).toEqual(['segment-0000000001', 'segment-0000004097', 'tail']);
    const tail = await testContext().files.readText(join(scratch.path, 'tail'));
    expect(tail.split('\n').length).toBeLessThan(2 * SEGMENT_COMMITS);
  });

  test('a torn or wrong line ends the tail', () => {
    const text = writeTail(0, [1, 2, 3].map(commitAt));
    expect(parseTail(text, 0)).toMatchObject({ commits: [1, 2, 3].map(commitAt), isWhole: true });
    expect(parseTail(text, 2).commits).toEqual([commitAt(3)]);
    expect(parseTail(text.slice(0, -4), 0)).toMatchObject({ commits: [1, 2].map(commitAt), isWhole: false });
    expect(parseTail(text.replace('"s/2"', '"s/9"'), 0)).toMatchObject({ commits: [commitAt(1)], isWhole: false });
    expect(parseTail(writeTail(5, [commitAt(6)]), 0)).toMatchObject({ commits: [], isWhole: false });
  });
});
