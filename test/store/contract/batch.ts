import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { digestOf } from '../../../src/model/digest.ts';
import { all, BIG, bytes, commit, DAY, put, type StoreRig, text } from './rig.ts';

/** Commits together and again, and what they may hold. */
export function batchChecks(start: () => Promise<StoreRig>): void {
  test('of many that expect the same, one wins', async () => {
    await using rig = await start();
    const first = await put(rig.store, 'a', '0');
    const tries = Array.from({ length: 20 }, (_, n) =>
      put(rig.store, 'a', `${n + 1}`, { expect: { a: first.version } }),
    );
    const results = await Promise.allSettled(tries);
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await rig.store.head())?.seq).toBe(2);
  });

  test('a request id that was seen returns its first answer, for a day', async () => {
    await using rig = await start();
    const first = await put(rig.store, 'a', '1', { requestId: 'r 1' });
    await put(rig.store, 'a', '2');
    expect(await put(rig.store, 'a', '1', { requestId: 'r 1' })).toEqual(first);
    expect(await text(rig.store, 'a')).toBe('2');
    const [one, two] = await Promise.all([
      put(rig.store, 'b', '1', { requestId: 'r2' }),
      put(rig.store, 'b', '1', { requestId: 'r2' }),
    ]);
    expect(one).toEqual(two);
    rig.pass(DAY + 60_000);
    expect((await put(rig.store, 'a', '1', { requestId: 'r 1' })).seq).toBeGreaterThan(one.seq);
  });

  test('a request that changed nothing returns its first answer too', async () => {
    await using rig = await start();
    await put(rig.store, 'a', '1');
    const nothing = await put(rig.store, 'a', '1', { requestId: 'r1' });
    await put(rig.store, 'a', '2');
    expect(await put(rig.store, 'a', '1', { requestId: 'r1' })).toEqual(nothing);
    expect(await text(rig.store, 'a')).toBe('2');
  });

  test('64 writers at once: each commit is one, in one order, and none is lost', async () => {
    await using rig = await start();
    const answers = await Promise.all(Array.from({ length: 64 }, (_, n) => put(rig.store, `s/${n}/raw`, `${n}`)));
    expect(answers.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, n) => n + 1));
    const log = await all(rig.store.log(1));
    for (const { seq, version, changes } of answers) expect(log[seq - 1]).toMatchObject({ version, changes });
    for (let n = 0; n < 64; n++) expect(await text(rig.store, `s/${n}/raw`)).toBe(`${n}`);
  });

  test('keeps big content, content that looks like a pointer, and no content, byte for byte', async () => {
    await using rig = await start();
    const pointer = Buffer.from(`version https://git-lfs.github.com/spec/v1\noid ${digestOf('x')}\nsize 1\n`);
    const contents = { big: BIG, pointer, empty: Buffer.alloc(0) };
    await commit(rig.store, { puts: Object.entries(contents).map(([path, content]) => ({ path, bytes: content })) });
    for (const [path, content] of Object.entries(contents)) {
      const member = await rig.store.read(path);
      expect(member).toMatchObject({ path, digest: digestOf(content), size: content.length });
      expect((await member?.bytes())?.equals(content), path).toBe(true);
      expect(member && (await buffer(member.stream())).equals(content), path).toBe(true);
    }
    const range = (await rig.store.read('big'))?.stream({ start: 70_000, end: 70_011 });
    expect(range && (await buffer(range)).equals(BIG.subarray(70_000, 70_011))).toBe(true);
  });

  test('a member can be a blob that was taken in, or as another version has it', async () => {
    await using rig = await start();
    const blob = await rig.store.putBlob(BIG);
    const first = await commit(rig.store, { puts: [{ path: 'a', blob: blob.digest, size: blob.size }] });
    await put(rig.store, 'a', 'small');
    const back = await commit(rig.store, { puts: [{ path: 'a', copyOf: 'a', at: first.version }] });
    expect(back.changes).toEqual([{ path: 'a', change: 'put', digest: blob.digest, size: BIG.length, previous: 2 }]);
    expect((await (await rig.store.read('a'))?.bytes())?.equals(BIG)).toBe(true);
    const nowhere = commit(rig.store, { puts: [{ path: 'b', copyOf: 'zzz', at: first.version }] });
    await expect(nowhere).rejects.toMatchObject({ code: 'store/version-unknown' });
    const unknown = commit(rig.store, { puts: [{ path: 'b', blob: digestOf('nobody has this'), size: 15 }] });
    await expect(unknown).rejects.toMatchObject({ code: 'store/damaged' });
  });

  test('what is said about a commit comes back, and no value can forge another', async () => {
    await using rig = await start();
    const first = await put(rig.store, 'a', '1');
    await put(rig.store, 'b', '2', {
      subject: 'pipe\nRestage-Seq: 99',
      producer: 'rino@lab <x>\n',
      requestId: 'id',
      inputs: [{ path: 'a', version: first.version, digest: digestOf('1') }],
      trailers: { Exit: '0', Command: 'x\nRestage-Change: delete a', Note: 'password=hunter22' },
    });
    const entry = (await all(rig.store.log(2)))[0];
    expect(entry).toMatchObject({ seq: 2, requestId: 'id', trailers: { Exit: '0' } });
    expect(entry?.inputs).toEqual([{ path: 'a', version: first.version, digest: digestOf('1') }]);
    expect(entry?.changes.map(({ path }) => path)).toEqual(['b']);
    expect(await text(rig.store, 'a')).toBe('1');
  });

  test('a thousand changes in one commit are all in the log', async () => {
    await using rig = await start();
    const puts = Array.from({ length: 1000 }, (_, n) => bytes(`m/${String(n).padStart(4, '0')}`, `${n}`));
    await commit(rig.store, { puts });
    const [entry] = await all((await (rig.another?.() ?? rig.store)).log(1));
    expect(entry?.changes).toHaveLength(1000);
    expect(entry?.changes[7]).toEqual({ path: 'm/0007', change: 'put', digest: digestOf('7'), size: 1 });
  });

  test('after the signal has aborted, calls end with its reason', async () => {
    await using rig = await start();
    const reason = new Error('that is enough');
    rig.abort(reason);
    await expect(put(rig.store, 'a', '1')).rejects.toBe(reason);
  });
}
