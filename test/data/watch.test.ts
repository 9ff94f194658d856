import { describe, expect, test } from 'vitest';
import type { WatchedEvent, WatchRequest } from '../../src/data/watch-streams.ts';
import { directory } from '../../src/store/engines/directory.ts';
import { memory } from '../../src/store/engines/memory.ts';
import { dataRig, firstOf, type DataRig } from '../rig/data.ts';

const ALL: WatchRequest = { topics: [], from: 'beginning', latest: false };

async function put(rig: DataRig, ...names: string[]): Promise<void> {
  for (const [index, name] of names.entries()) await rig.put(name, `${index} ${Math.random()}`);
}

function topics(events: readonly WatchedEvent[]): readonly string[] {
  return events.map(({ event }) => event.topic);
}

describe('watch', () => {
  test('shows what is there and what comes, without a gap', async () => {
    await using rig = await dataRig();
    await put(rig, 'a', 'b');
    const watched = firstOf(rig.data.watch(ALL), 4);
    await put(rig, 'c', 'd');
    expect(topics(await watched)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('begins at a seq, and shows whole words only', async () => {
    await using rig = await dataRig();
    await put(rig, 'qplan raw', 'qplan raw', 'qplan2 raw', 'qplan results');
    const request = { ...ALL, topics: ['qplan'], from: '2' };
    expect(topics(await firstOf(rig.data.watch(request), 2))).toEqual(['qplan raw', 'qplan results']);
  });

  test('begins with what is new', async () => {
    await using rig = await dataRig();
    await put(rig, 'old');
    const watching = rig.data.watch({ ...ALL, from: 'HEAD' })[Symbol.asyncIterator]();
    const next = watching.next();
    // The first answer of the head fixes where it begins; it was asked for before the first of these.
    await put(rig, 'new', 'newer');
    expect((await next).value).toMatchObject({ event: { topic: expect.stringMatching(/^new/) as string } });
    await watching.return?.();
  });

  test('with latest shows of each stream the newest that waits', async () => {
    await using rig = await dataRig();
    await put(rig, 'a', 'b', 'a', 'c', 'a');
    const watched = firstOf(rig.data.watch({ ...ALL, latest: true }), 4);
    const first = await firstOf(rig.data.watch({ ...ALL, latest: true }), 3);
    expect(topics(first)).toEqual(['b', 'c', 'a']);
    expect(first[2]?.event.seq).toBe(5);
    await put(rig, 'b');
    expect(topics(await watched)).toEqual(['b', 'c', 'a', 'b']);
  });

  test.each(['0', '-1', 'yesterday', '1.5', ''])('refuses to begin at %j', async (from) => {
    await using rig = await dataRig();
    await expect(firstOf(rig.data.watch({ ...ALL, from }), 1)).rejects.toThrow(
      expect.objectContaining({ code: 'cli/usage' }),
    );
  });

  test.each(['a/b', '', '..', 'a b', 'x.lock'])('refuses a cursor called %j', async (cursor) => {
    await using rig = await dataRig();
    await expect(firstOf(rig.data.watch({ ...ALL, cursor }), 1)).rejects.toThrow(
      expect.objectContaining({ code: 'cli/usage' }),
    );
  });
});

describe.each([memory, directory])('a cursor of the engine $id', (engine) => {
  test('goes on behind what was acknowledged, also in another process', async () => {
    await using rig = await dataRig({ engine });
    await put(rig, 'a', 'b', 'c');
    const request = { ...ALL, cursor: 'mine' };
    for (const expected of ['a', 'b']) {
      for await (const watched of rig.data.watch(request)) {
        expect(watched).toMatchObject({ event: { topic: expected }, attempt: 1 });
        await watched.ack();
        break;
      }
    }
    expect(await rig.store.cursor('mine').state()).toMatchObject({ next: 3 });
  });

  test('brings what was given back again, and counts', async () => {
    await using rig = await dataRig({ engine });
    await put(rig, 'a', 'b');
    const seen: string[] = [];
    for await (const watched of rig.data.watch({ ...ALL, cursor: 'mine' })) {
      seen.push(`${watched.event.topic} ${watched.attempt}`);
      if (watched.event.topic === 'a' && watched.attempt === 1) await watched.nack();
      else await watched.ack();
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(['a 1', 'b 1', 'a 2']);
    expect(await rig.store.cursor('mine').state()).toMatchObject({ next: 3, leased: 0, delayed: 0 });
  });

  test('acknowledges a commit of several streams when all are done, and what it does not watch at once', async () => {
    await using rig = await dataRig({ engine });
    await put(rig, 'unseen');
    await rig.data.put({ puts: ['m/1', 'm/2'].map((stream) => ({ stream, source: Buffer.from('x') })) });
    const watched = await firstOf(rig.data.watch({ ...ALL, topics: ['m'], cursor: 'mine' }), 1);
    const cursor = rig.store.cursor('mine');
    expect(await cursor.state()).toMatchObject({ next: 2, leased: 1 });
    await watched[0]?.ack();
    expect(await cursor.state(), 'one of two is done').toMatchObject({ next: 2, leased: 1 });
  });
});
