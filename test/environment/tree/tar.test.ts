import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTar, TAR_END, tarHeader, tarPadding, type TarEntry } from '../../../src/environment/tree/tar.ts';
import { temporaryDirectory } from '../../rig/temporary-directory.ts';

interface File {
  readonly path: string;
  readonly mode: number;
  readonly content: Uint8Array;
}

function pack(files: readonly File[]): Buffer {
  const parts = files.flatMap(({ path, mode, content }) => [
    tarHeader({ path, kind: 'file', mode, size: content.length }),
    content,
    tarPadding(content.length),
  ]);
  return Buffer.concat([...parts, TAR_END]);
}

async function unpack(pieces: Iterable<Uint8Array>): Promise<(TarEntry & { readonly content: string })[]> {
  const source = async function* () {
    for (const piece of pieces) yield piece;
  };
  const found = [];
  for await (const { entry, body } of readTar(source())) {
    const parts: Buffer[] = [];
    for await (const part of body()) parts.push(part);
    found.push({ ...entry, content: Buffer.concat(parts).toString('hex') });
  }
  return found;
}

const segment = fc.stringMatching(/^[^/\0]{1,60}$/).filter((text) => text !== '.' && text !== '..');
const file = fc.record({
  path: fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => segments.join('/')),
  mode: fc.integer({ min: 0, max: 0o777 }),
  content: fc.uint8Array({ maxLength: 1500 }),
});

describe('an archive', () => {
  test('gives back what was put in, in whatever pieces it is read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(file, { maxLength: 5 }), fc.integer({ min: 1, max: 2000 }), async (files, size) => {
        const bytes = pack(files);
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
          bytes.subarray(at * size, (at + 1) * size),
        );
        expect(await unpack(pieces)).toEqual(
          files.map(({ path, mode, content }) => ({
            ...{ path, kind: 'file', mode, size: content.length },
            content: Buffer.from(content).toString('hex'),
          })),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('skips a content that nobody reads', async () => {
    const bytes = pack([
      { path: 'a', mode: 0o644, content: Buffer.alloc(5000, 1) },
      { path: 'b', mode: 0o644, content: Buffer.from('b') },
    ]);
    const names: string[] = [];
    const source = async function* () {
      yield bytes;
    };
    for await (const { entry } of readTar(source())) names.push(entry.path);
    expect(names).toEqual(['a', 'b']);
  });

  test('is read by tar itself, with long names, blanks and links', () => {
    using directory = temporaryDirectory();
    const long = `${'deep/'.repeat(40)}näme with blanks`;
    const target = '../'.repeat(60);
    const bytes = Buffer.concat([
      ...[tarHeader({ path: long, kind: 'file', mode: 0o755, size: 3 }), Buffer.from('abc'), tarPadding(3)],
      ...[tarHeader({ path: 'link', kind: 'link', mode: 0o777, size: 0, target }), TAR_END],
    ]);
    writeFileSync(join(directory.path, 'a.tar'), bytes);
    execFileSync('tar', ['-xf', 'a.tar'], { cwd: directory.path });
    expect(readFileSync(join(directory.path, long), 'utf8')).toBe('abc');
    const listed = execFileSync('tar', ['-tvf', 'a.tar', '--numeric-owner'], { cwd: directory.path, encoding: 'utf8' });
    expect(listed).toContain(`link -> ${target}`);
    expect(listed).toMatch(/^-rwxr-xr-x 0\/0 +3 1970-01-01/);
  });

  test.each([
    { why: 'a flipped bit in a header', change: (bytes: Buffer) => bytes.writeUInt8(bytes.readUInt8(100) ^ 1, 100) },
    { why: 'a path that leaves the tree', path: '../../etc/passwd' },
    { why: 'a path from the root', path: '/etc/passwd' },
  ])('is refused: $why', async ({ change, path = 'a' }) => {
    const bytes = pack([{ path, mode: 0o644, content: Buffer.from('a') }]);
    change?.(bytes);
    await expect(unpack([bytes])).rejects.toMatchObject({ code: 'snapshot/damaged' });
  });

  test('is refused if it ends early, wherever that is', async () => {
    const bytes = pack([{ path: 'a', mode: 0o644, content: Buffer.alloc(700, 1) }]);
    for (const end of [0, 300, 512, 900, 1536, bytes.length - 1024])
      await expect(unpack([bytes.subarray(0, end)]), `${end}`).rejects.toMatchObject({ code: 'snapshot/damaged' });
  });
});
