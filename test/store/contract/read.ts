import fc from 'fast-check';
import { expect, test } from 'vitest';
import { digestOf } from '../../../src/model/digest.ts';
import type { Version } from '../../../src/model/id.ts';
import { bytes, commit, put, type StoreRig, text } from './rig.ts';

/** Reading at any version. */
export function readChecks(start: () => Promise<StoreRig>): void {
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

/** Each way to name a version. */
export function resolveChecks(start: () => Promise<StoreRig>): void {
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
