import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differs } from '../../src/data/differs/list.ts';
import { matchLines } from '../../src/data/match-lines.ts';
import { digestOf } from '../../src/model/digest.ts';
import { dataRig } from '../rig/data.ts';
import { hasTool } from '../rig/has-tool.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';

/** What the first differ says that fits. */
function diff(from: string | Buffer, to: string | Buffer, type?: string) {
  const [a, b] = [from, to].map((content) => {
    const bytes = Buffer.from(content);
    return { bytes, size: bytes.length, digest: digestOf(bytes) };
  });
  if (!a || !b) throw new Error('two sides');
  const input = { from: a, to: b, type };
  return differs.find((differ) => differ.fits(input))?.diff(input);
}

describe('two contents', () => {
  test.each([
    { from: 'a\nb\n', to: 'a\nc\n', lines: ['@@ -1,2 +1,2 @@', ' a', '-b', '+c'], why: 'a line' },
    { from: '', to: 'a\n', lines: ['@@ -0,0 +1 @@', '+a'], why: 'from nothing' },
    {
      from: 'a',
      to: 'a\n',
      lines: ['@@ -1 +1 @@', '-a', '\\ No newline at end of file', '+a'],
      why: 'the last newline',
    },
    {
      from: '{"a":1,"b":[1,2]}',
      to: '{"b":[1,3],"c":0}',
      lines: ['-/a 1', '-/b/1 2', '+/b/1 3', '+/c 0'],
      why: 'JSON',
    },
    { from: '{"a/b":{"~":1}}', to: '{"a/b":{"~":2}}', lines: ['-/a~1b/~0 1', '+/a~1b/~0 2'], why: 'odd names in JSON' },
    { from: '[]', to: '{}', lines: ['-/ []', '+/ {}'], why: 'a list and an object' },
    {
      from: '{"a":1}',
      to: '{ "a": 1 }',
      lines: ['=the documents are equal; only their layout differs'],
      why: 'layout',
    },
    {
      from: '5',
      to: '6',
      lines: ['@@ -1 +1 @@', '-5', '\\ No newline at end of file', '+6', '\\ No newline at end of file'],
      why: 'no document',
    },
  ])('$why', ({ from, to, lines }) => {
    expect(diff(from, to)?.lines).toEqual(lines);
  });

  test('of other kinds are told apart by digest', () => {
    const [a, b] = [Buffer.from([0, 1]), Buffer.from([0xff])];
    expect(diff(a, b)).toMatchObject({ differ: 'digest', lines: [`-${digestOf(a)} 2`, `+${digestOf(b)} 1`] });
  });

  test('that were declared to be text are compared as text', () => {
    expect(diff('{}\n', '{"a":1}\n', 'text/plain')?.differ).toBe('text');
  });

  test.skipIf(!hasTool('patch'))('as text, make a patch that makes one of the other', () => {
    using place = temporaryDirectory();
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', '', '{'), { maxLength: 40 });
    const content = fc.tuple(lines, fc.boolean()).map(([all, ends]) => all.join('\n') + (ends ? '\n' : ''));
    fc.assert(
      fc.property(content, content, (from, to) => {
        fc.pre(from !== to);
        const [file, patch] = [join(place.path, 'file'), join(place.path, 'patch')];
        writeFileSync(file, from);
        writeFileSync(patch, ['--- file', '+++ file', ...(diff(from, to, 'text/plain')?.lines ?? []), ''].join('\n'));
        const { status, stdout } = spawnSync('patch', ['--silent', '--output=-', file, patch]);
        expect(status).toBe(0);
        expect(stdout.toString()).toBe(to);
      }),
      { numRuns: 60 },
    );
  });
});

describe('the lines in common', () => {
  test('are in both, in order, and as many as there can be', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 });
    fc.assert(
      fc.property(lines, lines, (from, to) => {
        const pairs = matchLines(from, to);
        for (const [index, [a, b]] of pairs.entries()) {
          expect(from[a]).toBe(to[b]);
          expect(a).toBeGreaterThan(pairs[index - 1]?.[0] ?? -1);
          expect(b).toBeGreaterThan(pairs[index - 1]?.[1] ?? -1);
        }
        expect(pairs.length).toBe(longest(from, to));
      }),
    );
  });

  test('of texts that have nothing in common are found soon', () => {
    const many = (word: string) => Array.from({ length: 50_000 }, (_, index) => `${word} ${index}`);
    expect(matchLines(['same', ...many('a'), 'end'], ['same', ...many('b'), 'end'])).toHaveLength(2);
  });
});

test('every differ is in the list', () => {
  const files = readdirSync('src/data/differs').filter((name) => !['contract.ts', 'list.ts'].includes(name));
  expect(differs.map(({ id }) => `${id}.ts`).toSorted()).toEqual(files.toSorted());
});

test('diff compares a version with another one, and with what the stream is now', async () => {
  await using rig = await dataRig();
  const first = await rig.put('a', '1\n');
  const second = await rig.put('a', '2\n');
  expect(await rig.data.diff('a@~1')).toMatchObject({
    from: { version: first },
    to: { version: second },
    isEqual: false,
    text: { added: 1, removed: 1 },
  });
  expect(await rig.data.diff(`a@${first}`, `@${second.slice(0, 8)}`)).toMatchObject({ isEqual: false });
  expect(await rig.data.diff('a')).toEqual({
    isEqual: true,
    from: expect.objectContaining({ version: second }) as unknown,
    to: expect.objectContaining({ version: second }) as unknown,
  });
});

/** By the book, in time that does not matter here. */
function longest(a: readonly string[], b: readonly string[]): number {
  const rows = Array.from({ length: a.length + 1 }, () => new Array<number>(b.length + 1).fill(0));
  for (let i = 1; i <= a.length; i++) {
    for (let j = 1; j <= b.length; j++) {
      const row = rows[i] ?? [];
      const [up, left, both] = [rows[i - 1]?.[j] ?? 0, row[j - 1] ?? 0, rows[i - 1]?.[j - 1] ?? 0];
      row[j] = a[i - 1] === b[j - 1] ? both + 1 : Math.max(up, left);
    }
  }
  return rows[a.length]?.[b.length] ?? 0;
}
