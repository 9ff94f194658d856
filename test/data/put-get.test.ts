import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { openData } from '../../src/data/open-data.ts';
import { digestOf } from '../../src/model/digest.ts';
import type { Store } from '../../src/store/contract.ts';
import { configurationOf, dataRig } from '../rig/data.ts';
import { storeWith } from '../rig/store-with.ts';

/** An error with this code, whose message matches. */
function refusal(code: string, message: string | RegExp): Error {
  return expect.objectContaining({ code, message: expect.stringMatching(message) as string }) as Error;
}

describe('put', () => {
  test('makes a version that is read back, now and by its first digits', async () => {
    await using rig = await dataRig();
    const first = await rig.put('raw qplan', 'one\n');
    const second = await rig.put('qplan raw', 'two\n');
    expect(second).not.toBe(first);
    expect(await rig.get('qplan/raw')).toBe('two\n');
    expect(await rig.get(`raw qplan@${first.slice(0, 6)}`)).toBe('one\n');
    expect(await rig.get('qplan/raw@~1')).toBe('one\n');
  });

  test('says what it made: digest, size, topic', async () => {
    await using rig = await dataRig();
    const answer = await rig.data.put({ puts: [{ stream: 'raw qplan', source: Buffer.from('one') }] });
    expect(answer.streams).toEqual([
      {
        ...{ stream: 'qplan/raw', topic: 'qplan raw', change: 'put', version: answer.version, seq: 1 },
        ...{ digest: digestOf('one'), size: 3 },
      },
    ]);
  });

  test('of what is there makes no version, and says since when it is there', async () => {
    await using rig = await dataRig();
    const first = await rig.put('a', 'same');
    await rig.put('b', 'other');
    const again = await rig.data.put({ puts: [{ stream: 'a', source: Buffer.from('same') }] });
    expect(again.streams).toMatchObject([{ change: 'unchanged', version: first, seq: 1, size: 4 }]);
    expect((await rig.store.head())?.seq).toBe(2);
    const forced = await rig.data.put({ puts: [{ stream: 'a', source: Buffer.from('same') }], force: true });
    expect(forced.streams).toMatchObject([{ change: 'put', seq: 3 }]);
  });

  test('of several streams is one commit, all or none', async () => {
    await using rig = await dataRig();
    await rig.put('c', 'there');
    const puts = ['a', 'b', 'c'].map((stream) => ({ stream, source: Buffer.from(stream), expect: 'absent' }));
    await expect(rig.data.put({ puts })).rejects.toThrow(
      refusal('store/conflict', /^stream "c" is at [0-9a-f]{10} and not at absent$/),
    );
    expect((await rig.data.list('')).map(({ stream }) => stream)).toEqual(['c']);
    const { seq } = await rig.data.put({ puts: puts.slice(0, 2), deletes: [{ stream: 'c' }] });
    expect(seq).toBe(2);
    expect((await rig.data.list('')).map(({ stream }) => stream)).toEqual(['a', 'b']);
  });

  test('with an expected version is refused once somebody else has put', async () => {
    await using rig = await dataRig();
    const first = await rig.put('a', '1');
    await rig.put('b', 'x');
    const put = (expected: string) =>
      rig.data.put({ puts: [{ stream: 'a', source: Buffer.from(`after ${expected}`), expect: expected }] });
    // The head is a later commit, in which this stream is still what it became in the first one.
    await put('HEAD');
    await expect(put(first.slice(0, 8))).rejects.toThrow(refusal('store/conflict', 'a'));
  });

  test('repeated with its request id is answered and not performed', async () => {
    await using rig = await dataRig();
    const put = (text: string) => rig.data.put({ puts: [{ stream: 'a', source: Buffer.from(text) }], requestId: 'r1' });
    const first = await put('1');
    expect((await put('2')).version).toBe(first.version);
    expect(await rig.get('a')).toBe('1');
  });

  test('remembers what a version was made from', async () => {
    await using rig = await dataRig();
    const raw = await rig.put('raw qplan', 'in');
    const inputs = [`raw qplan@${raw.slice(0, 7)}`];
    await rig.data.put({ puts: [{ stream: 'results qplan', source: Buffer.from('out') }], inputs });
    const [event] = await rig.data.log({ limit: 1 });
    expect(event?.inputs).toEqual([{ stream: 'qplan/raw', version: raw, digest: digestOf('in') }]);
  });

  test('takes a file, a stream of bytes, and what has no size', async () => {
    await using rig = await dataRig();
    const file = join(rig.path, 'file');
    writeFileSync(file, 'of a file');
    await rig.data.put({
      puts: [
        { stream: 'file', source: { file } },
        { stream: 'parts', source: Readable.from([Buffer.from('in '), Buffer.from('parts')]) },
        { stream: 'proc', source: { file: '/proc/self/cmdline' } },
        { stream: 'empty', source: Readable.from([]) },
      ],
    });
    expect(await rig.get('file')).toBe('of a file');
    expect(await rig.get('parts')).toBe('in parts');
    expect(await rig.get('proc')).toContain('node');
    expect(await rig.get('empty')).toBe('');
    await expect(rig.data.put({ puts: [{ stream: 'd', source: { file: rig.path } }] })).rejects.toThrow(
      refusal('cli/usage', 'is a directory'),
    );
  });

  test('hands big content to the chunk plane while it comes, and never whole', async () => {
    await using rig = await dataRig();
    const part = Buffer.alloc(64 * 1024, 'x');
    let [made, most] = [0, 0];
    async function* parts() {
      for (; made < 64; made++) yield part;
    }
    // A store that forgets what it reads shows how far ahead of it the source has got.
    const putBlob: Store['putBlob'] = async (source) => {
      let taken = 0;
      for await (const bytes of source as AsyncIterable<Uint8Array>) {
        taken += bytes.length;
        most = Math.max(most, (made + 1) * part.length - taken);
      }
      return rig.store.putBlob(Buffer.alloc(taken, 'x'));
    };
    const store = storeWith(rig.store, { putBlob });
    const data = openData({ ...rig.context, store, configuration: configurationOf('') });
    const { streams } = await data.put({ puts: [{ stream: 'big', source: parts() }] });
    expect(streams).toMatchObject([{ size: 64 * part.length }]);
    expect(most).toBeLessThanOrEqual(2 * part.length);
  });
});

describe('get', () => {
  test('of an unknown stream names those that were meant', async () => {
    await using rig = await dataRig();
    await rig.put('qplan raw', 'x');
    await expect(rig.data.get('qplan rwa')).rejects.toThrow(
      refusal('data/unknown-stream', /^no stream "qplan rwa"; did you mean "qplan raw"\?$/),
    );
    await expect(rig.data.get('nothing like it')).rejects.toThrow(
      refusal('data/unknown-stream', /^no stream "nothing like it"$/),
    );
  });

  test('of a mistyped version names those that were meant', async () => {
    await using rig = await dataRig();
    const version = await rig.put('a', 'x');
    const digits = version.slice(0, 6);
    const swapped = Array.from(digits).toSpliced(2, 2, digits.charAt(3), digits.charAt(2)).join('');
    const typed = swapped === digits ? digits.slice(0, 5) + (digits.endsWith('0') ? '1' : '0') : swapped;
    await expect(rig.data.get(`a@${typed}`)).rejects.toThrow(
      refusal('store/version-unknown', `no version "${typed}" of stream "a"; did you mean ${digits}`),
    );
  });

  test('at a version in which the stream was not there yet says so', async () => {
    await using rig = await dataRig();
    const before = await rig.put('a', 'x');
    await rig.put('b', 'x');
    await expect(rig.data.get(`b@${before}`)).rejects.toThrow(refusal('store/version-unknown', 'of stream "b"'));
  });

  test('of a stream that has ended says when, and its versions can still be read', async () => {
    await using rig = await dataRig();
    await rig.put('a', 'last words');
    await rig.data.put({ puts: [], deletes: [{ stream: 'a' }] });
    await expect(rig.data.get('a')).rejects.toThrow(refusal('data/unknown-stream', 'stream "a" ended with version'));
    expect(await rig.get('a@~1')).toBe('last words');
  });
});

describe('ls and log', () => {
  test('list what is there, by whole words, now and at a version', async () => {
    await using rig = await dataRig();
    await rig.put('qplan raw', '1');
    const version = await rig.put('qplan results', '2');
    await rig.put('qplan2 raw', '3');
    const names = async (prefix: string, at?: string) => (await rig.data.list(prefix, at)).map(({ topic }) => topic);
    expect(await names('')).toEqual(['qplan raw', 'qplan results', 'qplan2 raw']);
    expect(await names('qplan')).toEqual(['qplan raw', 'qplan results']);
    expect(await names('', version)).toEqual(['qplan raw', 'qplan results']);
  });

  test('the log is newest first, of one stream, of several, of a time', async () => {
    let now = 1_000_000;
    await using rig = await dataRig({
      effects: { clock: { now: () => now, monotonic: () => now, sleep: async () => undefined } },
    });
    for (const text of ['1', '2', '3']) {
      now += 1000;
      await rig.put('a raw', text);
      await rig.put('b raw', text);
    }
    const seqs = async (request: Partial<Parameters<typeof rig.data.log>[0]>) =>
      (await rig.data.log({ limit: 20, ...request })).map(({ seq }) => seq);
    expect(await seqs({})).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await seqs({ stream: 'raw a' })).toEqual([5, 3, 1]);
    expect(await seqs({ stream: 'b' })).toEqual([6, 4, 2]);
    expect(await seqs({ limit: 2 })).toEqual([6, 5]);
    expect(await seqs({ from: 4 })).toEqual([6, 5, 4]);
    expect(await seqs({ since: 1_003_000 })).toEqual([6, 5]);
  });

  test('the log finds what is far back', async () => {
    await using rig = await dataRig();
    await rig.put('old raw', 'x');
    for (let count = 0; count < 600; count++) await rig.put('new', String(count));
    expect((await rig.data.log({ stream: 'old', limit: 5 })).map(({ seq }) => seq)).toEqual([1]);
  });
});
