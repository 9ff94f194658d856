import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packTar } from 'modern-tar';
import { describe, expect, test } from 'vitest';
import { RestageError } from '../../src/errors.ts';
import { contentEntry, packBundle } from '../../src/snapshot/bundle.ts';
import { exportSnapshot } from '../../src/snapshot/export.ts';
import { importSnapshot } from '../../src/snapshot/import.ts';
import { digestOf } from '../../src/model/digest.ts';
import { save } from '../../src/snapshot/save.ts';
import { hasTool } from '../rig/has-tool.ts';
import { load, snapshotRig, type SnapshotRig } from '../rig/snapshots.ts';

/** A workspace with `x` exported to `x.tar`. */
async function exportedRig(items: Readonly<Record<string, string>> = { a: 'one', b: 'two', c: 'big: not kept' }) {
  const rig = await snapshotRig();
  rig.write('data', items);
  await save({ name: 'x', settings: {} }, rig.context);
  const exported = await exportSnapshot({ snapshot: 'x', output: 'x.tar' }, rig.context);
  return { ...rig, exported, file: join(rig.path, 'x.tar') };
}

async function flawOf(file: string, rig: SnapshotRig): Promise<string> {
  try {
    await importSnapshot({ file }, rig.context);
    return 'nothing was seen';
  } catch (error) {
    return error instanceof RestageError ? `${error.code}: ${error.message}` : String(error);
  }
}

describe('export and import', () => {
  test('carry a snapshot with all that it holds on to into an empty store', async () => {
    await using from = await exportedRig();
    const { file, exported } = from;
    await using rig = await snapshotRig();
    rig.write('data', { a: 'wrecked', c: 'big: not kept' });
    const imported = await importSnapshot({ file }, rig.context);
    expect(imported).toMatchObject({ name: 'x', digest: exported.digest, contents: 2, notKept: [{ what: 'c' }] });
    expect((await load('x', rig.context)).outcome).toBe('loaded');
    expect(rig.read('data')).toEqual({ a: 'one', b: 'two', c: 'big: not kept' });
    expect((await importSnapshot({ file }, rig.context)).newBytes, 'twice is fine').toBe(0);
    expect((await importSnapshot({ file, name: 'y' }, rig.context)).name).toBe('y');
    expect((await load('y', rig.context)).outcome).toBe('nothing');
  });

  test.skipIf(!hasTool('tar'))('make a file that tar can list, the same bytes each time', async () => {
    await using rig = await exportedRig();
    const { file } = rig;
    expect(execFileSync('tar', ['-tf', file], { encoding: 'utf8' }).split('\n')).toEqual([
      'snapshot.snap',
      ...[digestOf('one'), digestOf('two')].sort().map(contentEntry),
      ...['sha256', ''],
    ]);
    await exportSnapshot({ snapshot: 'x', output: 'again.tar' }, rig.context);
    expect(readFileSync(join(rig.path, 'again.tar')).equals(readFileSync(file))).toBe(true);
  });

  test('show one flipped bit, wherever it is, and take nothing in', async () => {
    await using from = await exportedRig({ a: 'one' });
    const { file } = from;
    await using rig = await snapshotRig();
    const bytes = readFileSync(file);
    const flipped = join(rig.path, 'flipped.tar');
    // Every byte once, with a bit that differs from byte to byte: a whole sweep of bits takes too long.
    for (let at = 0; at < bytes.length; at += 7) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(flipped, damaged);
      expect(await flawOf(flipped, rig), `byte ${at}`).toMatch(/^bundle\/damaged: /);
    }
    expect(await rig.context.store.head()).toBeUndefined();
    expect(existsSync(join(rig.path, 'x.snap'))).toBe(false);
  });

  test.each([
    {
      at: /content\/sha256[^]{498}one/,
      names: `${contentEntry(digestOf('one'))} does not match its digest`,
      why: 'a content',
    },
    { at: /"savedBy":"./, names: 'record does not match its seal', why: 'the snapshot' },
  ])('name what is damaged: $why', async ({ at, names }) => {
    await using rig = await exportedRig();
    const { file } = rig;
    const text = readFileSync(file, 'latin1');
    const found = at.exec(text);
    const end = (found?.index ?? 0) + (found?.[0].length ?? 0) - 1;
    writeFileSync(file, `${text.slice(0, end)}X${text.slice(end + 1)}`, 'latin1');
    expect(await flawOf(file, rig)).toContain(names);
  });

  test('refuse what was cut short or is no bundle', async () => {
    await using rig = await exportedRig();
    const { file } = rig;
    const bytes = readFileSync(file);
    for (const size of [0, 100, 2048, bytes.length - 512, bytes.length - 1]) {
      writeFileSync(file, bytes.subarray(0, size));
      expect(await flawOf(file, rig), `${size} bytes`).toMatch(/^bundle\/damaged: /);
    }
    expect(await flawOf(join(rig.path, 'missing.tar'), rig)).toMatch(/^file\/missing: /);
  });

  test.each([
    { entries: [['../evil', 'x']], why: 'a path out of here, sealed well' },
    { entries: [['content/sha256/00', 'x']], why: 'a content without a whole digest' },
    { entries: [[contentEntry(digestOf('y')), 'y']], why: 'a content that the snapshot does not name' },
    { entries: [[contentEntry(digestOf('one')), 'two']], why: 'a content under another digest' },
    { entries: [], why: 'a content that is missing' },
  ])('refuse a bundle made to harm: $why', async ({ entries }) => {
    await using rig = await exportedRig({ a: 'one' });
    const { file } = rig;
    await using other = await snapshotRig();
    const snap = execFileSync('tar', ['-xOf', file, 'snapshot.snap']);
    const made: Buffer[] = [];
    const all = [['snapshot.snap', snap], ...entries] as const;
    for await (const part of packBundle(
      all.map(([name = '', body = '']) => ({ name, size: body.length, open: async () => chunks(body) })),
    )) {
      made.push(Buffer.from(part));
    }
    writeFileSync(join(other.path, 'evil.tar'), Buffer.concat(made));
    expect(await flawOf(join(other.path, 'evil.tar'), other)).toMatch(/^bundle\/damaged: /);
    expect(await other.context.store.head()).toBeUndefined();
  });

  test('say that a .snap is no bundle, not that it is damaged', async () => {
    await using rig = await exportedRig();
    expect(await flawOf(join(rig.path, 'x.snap'), rig)).toMatch(
      /^bundle\/damaged: .*x\.snap is a snapshot and no bundle/,
    );
  });

  test('refuse links inside, and follow none', async () => {
    await using rig = await snapshotRig();
    const tar = await packTar([
      { header: { name: 'snapshot.snap', type: 'symlink', size: 0, linkname: '/etc/passwd' } },
    ]);
    writeFileSync(join(rig.path, 'link.tar'), tar);
    symlinkSync('link.tar', join(rig.path, 'l.tar'));
    await expect(importSnapshot({ file: 'link.tar' }, rig.context)).rejects.toMatchObject({ code: 'bundle/damaged' });
    expect(await flawOf(join(rig.path, 'l.tar'), rig)).toMatch(/^file\/missing: /);
  });

  test('replace nothing: neither a bundle that is there, nor another snapshot of that name', async () => {
    await using rig = await exportedRig();
    const { file } = rig;
    await expect(exportSnapshot({ snapshot: 'x', output: 'x.tar' }, rig.context)).rejects.toMatchObject({
      code: 'snapshot/exists',
    });
    await using other = await snapshotRig();
    other.write('data', { a: 'mine' });
    await save({ name: 'x', settings: {} }, other.context);
    expect(await flawOf(file, other)).toMatch(/^snapshot\/exists: /);
  });

  test('leave no temporary file when they fail', async () => {
    await using rig = await exportedRig();
    const controller = new AbortController();
    const context = rig.as({
      signal: controller.signal,
      emit: () => {
        controller.abort(new RestageError('run/interrupted', 'interrupted'));
      },
    });
    await expect(exportSnapshot({ snapshot: 'x', output: 'y.tar' }, context)).rejects.toMatchObject({
      code: 'run/interrupted',
    });
    expect(readdirSync(rig.path).filter((name) => name.includes('y.tar'))).toEqual([]);
  });

  test('need the content: a file that came alone cannot be exported', async () => {
    await using from = await exportedRig();
    await using rig = await snapshotRig();
    renameSync(join(from.path, 'x.snap'), join(rig.path, 'x.snap'));
    await expect(exportSnapshot({ snapshot: 'x', output: 'x.tar' }, rig.context)).rejects.toMatchObject({
      code: 'snapshot/content-missing',
    });
  });
});

async function* chunks(body: string | Buffer): AsyncGenerator<Uint8Array> {
  yield Buffer.from(body);
}
