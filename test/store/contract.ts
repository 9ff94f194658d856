import fc from 'fast-check';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../src/model/digest.ts';
import type { Version } from '../../src/model/id.ts';
import type { CommitRequest, Committed, LogEntry, Store } from '../../src/store/contract.ts';

/** What the suite stands on: a store of its own, empty, gone when disposed. */
export interface StoreRig extends AsyncDisposable {
  readonly store: Store;
  /** Opens the same store once more, as another process would. Absent where what is stored is gone with its process. */
  readonly another?: () => Promise<Store>;
  /** Moves the store's clock. */
  readonly pass: (ms: number) => void;
  /** Ends the store's run, as Ctrl-C would. */
  readonly abort: (reason: unknown) => void;
}

const DAY = 24 * 3600 * 1000;
/** Above what a git blob may have. */
const BIG = Buffer.alloc(100_000, 'many bytes ');

/** The promises of `Store`, checked. A bug that any engine had once stays here as a check. */
export function storeContract(start: () => Promise<StoreRig>): void {
  describe('commit', () => {
    commitChecks(start);
  });
  describe('read, list and history', () => {
    readChecks(start);
  });
  describe('resolve', () => {
    resolveChecks(start);
  });
  describe('log', () => {
    logChecks(start);
  });
  describe('refs and cursors', () => {
    refChecks(start);
    cursorChecks(start);
  });
  describe('blobs and upkeep', () => {
    blobChecks(start);
  });
}

function commitChecks(start: () => Promise<StoreRig>): void {
  test('an empty store has no head, no member, no log', async () => {
    await using rig = await start();
    expect(await rig.store.head()).toBeUndefined();
    expect(await rig.store.read('a')).toBeUndefined();
    expect(await rig.store.list('')).toEqual([]);
    expect(await all(rig.store.log(1))).toEqual([]);
    expect(await rig.store.history('a')).toEqual([]);
  });

  test('a commit is the head, is read at once, and says what it changed', async () => {
    await using rig = await start();
    const made = await put(rig.store, 'streams/qplan/raw', 'hello');
    expect(made).toMatchObject({ seq: 1, unchanged: [] });
    expect(made.changes).toEqual([{ path: 'streams/qplan/raw', change: 'put', digest: digestOf('hello'), size: 5 }]);
    expect(await rig.store.head()).toEqual({ version: made.version, seq: 1 });
    expect(await text(rig.store, 'streams/qplan/raw')).toBe('hello');
    const second = await put(rig.store, 'streams/qplan/raw', 'world');
    expect(second.changes[0]).toMatchObject({ previous: 1 });
  });

  test('equal content is no change: no commit, unless it is forced', async () => {
    await using rig = await start();
    const first = await put(rig.store, 'a', 'same');
    const again = await put(rig.store, 'a', 'same');
    expect(again).toEqual({ version: first.version, seq: 1, changes: [], unchanged: ['a'] });
    const forced = await put(rig.store, 'a', 'same', { force: true });
    expect(forced).toMatchObject({ seq: 2, changes: [{ path: 'a', previous: 1 }] });
    expect((await rig.store.read('a'))?.seq).toBe(2);
    const mixed = await commit(rig.store, { puts: [bytes('a', 'same'), bytes('b', 'new')] });
    expect(mixed).toMatchObject({ seq: 3, changes: [{ path: 'b' }], unchanged: ['a'] });
  });

  test('all changes or none', async () => {
    await using rig = await start();
    await put(rig.store, 'a', '1');
    const head = await rig.store.head();
    const wanted = { puts: [bytes('a', '2'), bytes('b/c', '2'), bytes('b', '2')], subject: 'clash' };
    await expect(commit(rig.store, wanted)).rejects.toMatchObject({ code: 'store/path' });
    expect(await rig.store.head()).toEqual(head);
    expect(await text(rig.store, 'a')).toBe('1');
  });

  test.each([
    { path: '', why: 'empty' },
    { path: '/a', why: 'absolute' },
    { path: 'a//b', why: 'empty segment' },
    { path: 'a/../b', why: 'upwards' },
    { path: 'a/.git/hooks', why: 'a place of git' },
    { path: 'a/-rf', why: 'a leading dash' },
    { path: 'a@b', why: 'a version would follow' },
    { path: 'a\nb', why: 'a control character' },
    { path: `a/${'x'.repeat(201)}`, why: 'too long a segment' },
  ])('refuses the path $path: $why', async ({ path }) => {
    await using rig = await start();
    await expect(put(rig.store, path, 'x')).rejects.toMatchObject({ code: 'store/path' });
    expect(await rig.store.head()).toBeUndefined();
  });

  test('refuses a member above or below another, and takes it once the other is gone', async () => {
    await using rig = await start();
    await put(rig.store, 'a/b', '1');
    await expect(put(rig.store, 'a', '2')).rejects.toMatchObject({ code: 'store/path' });
    await expect(put(rig.store, 'a/b/c', '2')).rejects.toMatchObject({ code: 'store/path' });
    await commit(rig.store, { puts: [bytes('a', '2')], deletes: ['a/b'] });
    expect((await rig.store.list('')).map(({ path }) => path)).toEqual(['a']);
  });

  test('deletes a member, or all below a path; what is not there is fine', async () => {
    await using rig = await start();
    const puts = ['d/a', 'd/b/c', 'e'].map((path) => bytes(path, path));
    await commit(rig.store, { puts });
    const gone = await commit(rig.store, { deletes: ['d', 'nothing'] });
    expect(gone.changes).toEqual([
      { path: 'd/a', change: 'delete', previous: 1 },
      { path: 'd/b/c', change: 'delete', previous: 1 },
    ]);
    expect((await rig.store.list('')).map(({ path }) => path)).toEqual(['e']);
    expect(await rig.store.read('d/a')).toBeUndefined();
    expect(await text(rig.store, 'd/a', await rig.store.resolve('seq:1'))).toBe('d/a');
  });

  test('expect compares with the version in which the member changed last', async () => {
    await using rig = await start();
    const first = await put(rig.store, 'a', '1', { expect: { a: 'absent' } });
    await put(rig.store, 'b', '1');
    const second = await put(rig.store, 'a', '2', { expect: { a: first.version, b: await rig.store.resolve('HEAD') } });
    const stale = put(rig.store, 'a', '3', { expect: { a: first.version } });
    await expect(stale).rejects.toMatchObject({
      code: 'store/conflict',
      details: { path: 'a', actual: second.version },
    });
    const taken = put(rig.store, 'a', '3', { expect: { a: 'absent' } });
    await expect(taken).rejects.toMatchObject({ code: 'store/conflict', details: { actual: second.version } });
    const missing = put(rig.store, 'c', '3', { expect: { c: first.version } });
    await expect(missing).rejects.toMatchObject({ code: 'store/conflict', details: { actual: 'absent' } });
    expect(await text(rig.store, 'a')).toBe('2');
  });

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

function readChecks(start: () => Promise<StoreRig>): void {
  test('reads any version, and says in which one a member became what it is', async () => {
    await using rig = await start();
    const first = await put(rig.store, 'a', '1');
    const other = await put(rig.store, 'b', 'b');
    const second = await put(rig.store, 'a', '2');
    expect(await rig.store.read('a', other.version)).toMatchObject({ version: first.version, seq: 1 });
    expect(await rig.store.read('a')).toMatchObject({ version: second.version, seq: 3 });
    expect(await text(rig.store, 'a', first.version)).toBe('1');
    expect(await rig.store.read('b', first.version)).toBeUndefined();
    expect(await rig.store.read('a', 'f'.repeat(40) as Version)).toBeUndefined();
  });

  test('lists what is below a path, in order, at any version', async () => {
    await using rig = await start();
    const first = await commit(rig.store, {
      puts: ['s/b', 's/a', 's.x', 's/a-1', 't'].map((path) => bytes(path, path)),
    });
    await commit(rig.store, { deletes: ['s/a'] });
    const paths = async (prefix: string, at?: Version) => (await rig.store.list(prefix, at)).map(({ path }) => path);
    expect(await paths('s')).toEqual(['s/a-1', 's/b']);
    expect(await paths('s', first.version)).toEqual(['s/a', 's/a-1', 's/b']);
    expect(await paths('')).toEqual(['s.x', 's/a-1', 's/b', 't']);
    expect(await paths('t')).toEqual(['t']);
    expect(await paths('nothing')).toEqual([]);
    expect((await rig.store.list('t'))[0]).toEqual({ path: 't', digest: digestOf('t'), size: 1, big: false });
  });

  test('history names the versions of a member, newest first', async () => {
    await using rig = await start();
    for (const content of ['1', '2', '3']) await put(rig.store, 'a', content);
    await put(rig.store, 'b', '1');
    await commit(rig.store, { deletes: ['a'] });
    expect((await rig.store.history('a')).map(({ seq }) => seq)).toEqual([5, 3, 2, 1]);
    expect((await rig.store.history('a', 2)).map(({ seq }) => seq)).toEqual([5, 3]);
    expect(await rig.store.history('nothing')).toEqual([]);
  });

  test('what is read equals a model, whatever was done before', async () => {
    const paths = ['a', 'b', 'c/d', 'c/e', 'c/f/g'];
    const step = fc.record({ path: fc.constantFrom(...paths), content: fc.option(fc.string({ maxLength: 3 })) });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(step, { minLength: 1, maxLength: 3 }), { size: 'max', maxLength: 12 }),
        async (commits) => {
          await using rig = await start();
          const model = new Map<string, string>();
          for (const steps of commits) {
            const last = new Map(steps.map(({ path, content }) => [path, content]));
            const puts = [...last].flatMap(([path, content]) => (content === null ? [] : [bytes(path, content)]));
            const deletes = [...last].flatMap(([path, content]) => (content === null ? [path] : []));
            await commit(rig.store, { puts, deletes });
            for (const [path, content] of last)
              if (content === null) model.delete(path);
              else model.set(path, content);
          }
          const store = (await rig.another?.()) ?? rig.store;
          const found = new Map<string, string>();
          for (const { path } of await store.list('')) found.set(path, await text(store, path));
          expect(found).toEqual(new Map([...model].sort(([a], [b]) => (a < b ? -1 : 1))));
        },
      ),
      { numRuns: 8 },
    );
  });
}

function resolveChecks(start: () => Promise<StoreRig>): void {
  test('resolves each way to name a version', async () => {
    await using rig = await start();
    const first = await put(rig.store, 'a', '1');
    rig.pass(3600_000);
    const other = await put(rig.store, 'b', '1');
    rig.pass(3600_000);
    const second = await put(rig.store, 'a', '2');
    await rig.store.refs.set('refs/tags/good', first.version, undefined);
    const cases: readonly (readonly [text: string, version: Version])[] = [
      ['HEAD', second.version],
      ['latest', second.version],
      ['~0', second.version],
      ['~1', first.version],
      [first.version, first.version],
      [first.version.slice(0, 12), first.version],
      [other.version.toUpperCase(), other.version],
      ['seq:2', other.version],
      [digestOf('1'), first.version],
      ['good', first.version],
      ['{90 minutes ago}'.replace('90 minutes', '2 hours'), first.version],
      ['{1 hour ago}', other.version],
    ];
    for (const [version, expected] of cases) expect(await rig.store.resolve(version, 'a'), version).toBe(expected);
  });

  test.each([
    { version: 'seq:9', code: 'store/version-unknown', why: 'no such seq' },
    { version: 'ffff', code: 'store/version-unknown', why: 'no such commit' },
    { version: 'nothing', code: 'store/version-unknown', why: 'no such tag' },
    { version: '~3', code: 'store/version-unknown', why: 'before the first' },
    { version: '1999-01-01', code: 'store/version-unknown', why: 'before the first' },
    { version: '$(reboot)', code: 'store/version-syntax', why: 'nonsense is not run' },
    { version: 'HEAD~1', code: 'store/version-syntax', why: "git's own grammar is not ours" },
    { version: '--all', code: 'store/version-syntax', why: 'no option' },
  ])('answers $version with $code: $why', async ({ version, code }) => {
    await using rig = await start();
    await put(rig.store, 'a', '1');
    await expect(rig.store.resolve(version, 'a')).rejects.toMatchObject({ code });
  });

  test('an ambiguous prefix names its candidates', async () => {
    await using rig = await start();
    const versions: Version[] = [];
    const firsts = () => new Map(versions.map((version) => [version.slice(0, 4), version]));
    for (let round = 0; firsts().size === versions.length && round < 40; round++) {
      const more = Array.from({ length: 64 }, (_, n) => put(rig.store, `s/${n}`, `${round}`));
      versions.push(...(await Promise.all(more)).map(({ version }) => version));
    }
    const double = versions.find((version) => firsts().get(version.slice(0, 4)) !== version) ?? '';
    const twin = firsts().get(double.slice(0, 4));
    const failure: unknown = await rig.store.resolve(double.slice(0, 4)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'store/version-ambiguous' });
    expect(failure).toHaveProperty('details.candidates', expect.arrayContaining([double, twin]));
  });
}

function logChecks(start: () => Promise<StoreRig>): void {
  test('gives every commit once, in order, from any seq', async () => {
    await using rig = await start();
    await Promise.all(Array.from({ length: 10 }, (_, n) => put(rig.store, `s/${n}`, 'x')));
    expect((await all(rig.store.log(1))).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect((await all(rig.store.log(8))).map(({ seq }) => seq)).toEqual([8, 9, 10]);
    expect(await all(rig.store.log(11))).toEqual([]);
    const times = (await all(rig.store.log(1))).map(({ time }) => time);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  test('with a prefix, gives only what changed at or below it', async () => {
    await using rig = await start();
    for (const path of ['a/b', 'ab', 'a/c', 'd']) await put(rig.store, path, path);
    const seqs = async (prefix: string) => (await all(rig.store.log(1, { prefix }))).map(({ seq }) => seq);
    expect(await seqs('a')).toEqual([1, 3]);
    expect(await seqs('a/c')).toEqual([3]);
  });

  test('follows what comes, also from elsewhere, without a gap', async () => {
    await using rig = await start();
    const other = (await rig.another?.()) ?? rig.store;
    await put(rig.store, 'a', '0');
    const seen: number[] = [];
    const following = (async () => {
      for await (const { seq } of rig.store.log(1, { follow: true })) {
        seen.push(seq);
        if (seq === 6) break;
      }
    })();
    for (let n = 1; n <= 5; n++) await put(n % 2 === 0 ? rig.store : other, 'a', `${n}`);
    await following;
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('the clock going backwards does not take the log with it', async () => {
    await using rig = await start();
    await put(rig.store, 'a', '1');
    rig.pass(-3600_000);
    await put(rig.store, 'a', '2');
    const [first, second] = await all(rig.store.log(1));
    expect(second?.time).toBeGreaterThanOrEqual(first?.time ?? Infinity);
  });
}

function refChecks(start: () => Promise<StoreRig>): void {
  test('refs change by compare-and-set', async () => {
    await using rig = await start();
    const { refs } = rig.store;
    const one = (await put(rig.store, 'a', '1')).version;
    const two = (await put(rig.store, 'a', '2')).version;
    await refs.set('refs/restage/pins/x', one, undefined);
    await refs.set('refs/restage/pins/y/z', one, undefined);
    expect(await refs.get('refs/restage/pins/x')).toBe(one);
    await expect(refs.set('refs/restage/pins/x', two, undefined)).rejects.toMatchObject({ code: 'store/conflict' });
    await expect(refs.set('refs/restage/pins/x', two, two)).rejects.toMatchObject({ code: 'store/conflict' });
    await refs.set('refs/restage/pins/x', two, one);
    expect(await refs.list('refs/restage/pins/')).toEqual([
      { name: 'refs/restage/pins/x', version: two },
      { name: 'refs/restage/pins/y/z', version: one },
    ]);
    await refs.set('refs/restage/pins/x', undefined, two);
    expect(await refs.get('refs/restage/pins/x')).toBeUndefined();
  });
}

function cursorChecks(start: () => Promise<StoreRig>): void {
  test('a cursor delivers in order, counts attempts, and moves when all before is done', async () => {
    await using rig = await start();
    for (const content of ['1', '2', '3']) await put(rig.store, 'a', content);
    const cursor = rig.store.cursor('me');
    const leased = await cursor.lease(2, 60_000);
    expect(leased.map(({ entry, attempt }) => [entry.seq, attempt])).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(await cursor.state()).toEqual({ next: 1, leased: 2, delayed: 0 });
    await cursor.ack(2);
    expect((await cursor.state()).next, 'the first is still out').toBe(1);
    await cursor.nack(1, 1000);
    expect(await cursor.state()).toEqual({ next: 1, leased: 0, delayed: 1 });
    expect((await cursor.lease(5, 60_000)).map(({ entry }) => entry.seq)).toEqual([3]);
    rig.pass(2000);
    expect((await cursor.lease(5, 60_000)).map(({ entry, attempt }) => [entry.seq, attempt])).toEqual([[1, 2]]);
    await cursor.ack(1);
    await cursor.ack(3);
    expect(await cursor.state()).toEqual({ next: 4, leased: 0, delayed: 0 });
    expect(await cursor.lease(5, 60_000)).toEqual([]);
  });

  test('a lease that is over is given out again, with one attempt more', async () => {
    await using rig = await start();
    await put(rig.store, 'a', '1');
    await rig.store.cursor('me').lease(1, 1000);
    const later = ((await rig.another?.()) ?? rig.store).cursor('me');
    expect(await later.lease(1, 1000)).toEqual([]);
    rig.pass(1001);
    expect((await later.lease(1, 1000))[0]).toMatchObject({ attempt: 2, entry: { seq: 1 } });
  });

  test('a cursor keeps to its prefix, begins where it is told, seeks and is dropped', async () => {
    await using rig = await start();
    for (const path of ['a/x', 'b', 'a/y', 'a/z']) await put(rig.store, path, path);
    const cursor = rig.store.cursor('me', { prefix: 'a', from: 2 });
    expect((await cursor.lease(9, 1000)).map(({ entry }) => entry.seq)).toEqual([3, 4]);
    await cursor.seek(1);
    expect((await cursor.lease(9, 1000)).map(({ entry, attempt }) => [entry.seq, attempt])).toEqual([
      [1, 1],
      [3, 1],
      [4, 1],
    ]);
    await cursor.drop();
    expect((await rig.store.cursor('me', { prefix: 'a' }).state()).next).toBe(1);
  });

  test('two consumers of one cursor never have the same entry', async () => {
    await using rig = await start();
    for (let n = 0; n < 8; n++) await put(rig.store, 'a', `${n}`);
    const other = ((await rig.another?.()) ?? rig.store).cursor('me');
    const both = await Promise.all([rig.store.cursor('me').lease(4, 60_000), other.lease(4, 60_000)]);
    const seqs = both.flat().map(({ entry }) => entry.seq);
    expect([...seqs].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });
}

function blobChecks(start: () => Promise<StoreRig>): void {
  test('blobs are stored once, and read whole or in part', async () => {
    await using rig = await start();
    const first = await rig.store.putBlob(BIG);
    expect(first).toMatchObject({ digest: digestOf(BIG), size: BIG.length });
    expect(await rig.store.putBlob(BIG)).toEqual({ ...first, newBytes: 0 });
    expect(await rig.store.hasBlob(first.digest)).toBe(true);
    expect(await rig.store.hasBlob(digestOf('nothing'))).toBe(false);
    const reader = await rig.store.readBlob(first.digest, { start: 5, end: 25 });
    expect(reader && (await buffer(reader.stream)).equals(BIG.subarray(5, 25))).toBe(true);
    expect(await rig.store.readBlob(digestOf('nothing'))).toBeUndefined();
  });

  test('gc takes what no version names, and only once the grace time is over', async () => {
    await using rig = await start();
    const dead = await rig.store.putBlob(Buffer.alloc(90_000, 'dead'));
    const live = await rig.store.putBlob(BIG);
    await commit(rig.store, { puts: [{ path: 'a', blob: live.digest, size: live.size }] });
    await put(rig.store, 'a', 'now small; the version before still names it');
    expect(await rig.store.gc({ apply: true, graceMs: DAY })).toMatchObject({ blobs: 0 });
    expect(await rig.store.hasBlob(dead.digest)).toBe(true);
    rig.pass(DAY + 1000);
    expect(await rig.store.gc({ apply: false, graceMs: DAY })).toMatchObject({ blobs: 1, applied: false });
    expect(await rig.store.hasBlob(dead.digest)).toBe(true);
    expect(await rig.store.gc({ apply: true, graceMs: DAY })).toMatchObject({ blobs: 1, applied: true });
    expect(await rig.store.hasBlob(dead.digest)).toBe(false);
    expect(await rig.store.hasBlob(live.digest)).toBe(true);
  });

  test('a sound store verifies, and is counted', async () => {
    await using rig = await start();
    await put(rig.store, 'a', '1');
    await put(rig.store, 'a', '2');
    expect(await rig.store.verify()).toMatchObject({ damaged: [] });
    expect(await rig.store.verify({ quick: true })).toMatchObject({ damaged: [] });
    expect(await rig.store.stat()).toMatchObject({ commits: 2 });
  });

  test('close waits for what is in flight, may be called twice, and never throws', async () => {
    await using rig = await start();
    const flying = put(rig.store, 'a', '1');
    await Promise.all([rig.store.close(), rig.store.close()]);
    expect(await flying).toMatchObject({ seq: 1 });
  });
}

/** A put of text or bytes. */
export function bytes(path: string, content: string | Buffer) {
  return { path, bytes: Buffer.from(content) };
}

/** Commits with a subject and a producer of no interest. */
export function commit(store: Store, request: Partial<CommitRequest>): Promise<Committed> {
  return store.commit({ subject: 'test', producer: 'test@lab', ...request });
}

/** Commits one member. */
export function put(
  store: Store,
  path: string,
  content: string,
  request: Partial<CommitRequest> = {},
): Promise<Committed> {
  return commit(store, { puts: [bytes(path, content)], ...request });
}

/** The content of a member as text; fails if it is not there. */
export async function text(store: Store, path: string, at?: Version): Promise<string> {
  const member = await store.read(path, at);
  if (!member) throw new Error(`${path} is not there`);
  return (await member.bytes()).toString('utf8');
}

/** All entries of a log that ends. */
export async function all(log: AsyncIterable<LogEntry>): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of log) entries.push(entry);
  return entries;
}
