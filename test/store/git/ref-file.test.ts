import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkRefName, createRefReader, parsePackedRefs } from '../../../src/store/git/ref-file.ts';
import { withoutPackedRef } from '../../../src/store/git/ref-store.ts';
import { testContext } from '../../rig/context.ts';
import { temporaryDirectory } from '../../rig/temporary-directory.ts';

const [A, B, C] = ['a', 'b', 'c'].map((digit) => digit.repeat(40));
const PACKED = `# pack-refs with: peeled fully-peeled sorted \n${A} refs/heads/main\n${B} refs/tags/v1\n^${C}\n${C} refs/tags/v2\n`;

describe('refs', () => {
  test('loose ones win over packed ones, and each change is seen', async () => {
    using scratch = temporaryDirectory();
    const { files } = testContext();
    const refs = createRefReader(scratch.path, files, Date.now);
    const write = (name: string, text: string) => {
      mkdirSync(dirname(join(scratch.path, name)), { recursive: true });
      writeFileSync(join(scratch.path, name), text);
    };
    expect(await refs.read('refs/heads/main')).toBeUndefined();
    write('packed-refs', PACKED);
    expect(await refs.read('refs/heads/main')).toBe(A);
    for (const value of [B, C, A, B]) {
      write('refs/heads/main', `${value}\n`);
      expect(await refs.read('refs/heads/main'), 'the same size in the same instant').toBe(value);
    }
    write('refs/tags/deep/x', `${C}\n`);
    write('refs/tags/deep/y.lock', '');
    write('refs/heads/alias', 'ref: refs/heads/main\n');
    expect(await refs.read('refs/heads/alias')).toBe(B);
    expect(await refs.list('refs/tags/')).toEqual([
      { name: 'refs/tags/deep/x', id: C },
      { name: 'refs/tags/v1', id: B },
      { name: 'refs/tags/v2', id: C },
    ]);
    rmSync(join(scratch.path, 'refs/heads/main'));
    expect(await refs.read('refs/heads/main')).toBe(A);
  });

  test('packed ones are taken away together with what their tag points to', () => {
    expect([...parsePackedRefs(withoutPackedRef(PACKED, 'refs/tags/v1')).keys()]).toEqual([
      'refs/heads/main',
      'refs/tags/v2',
    ]);
    expect(withoutPackedRef(PACKED, 'refs/tags/v1')).not.toContain('^');
    expect(withoutPackedRef(PACKED, 'refs/tags')).toBe(PACKED);
  });

  test.each([
    'refs/tags/../heads/main',
    'refs/tags/.hidden',
    'refs/tags/x.lock',
    'refs/tags/a b',
    'refs/tags/-x',
    'refs/tags/',
    'refs/tags/a@{1}',
    'HEAD',
    'refs/remotes/x',
    '/etc/passwd',
  ])('%s is no name for one', (name) => {
    expect(() => {
      checkRefName(name);
    }).toThrow(expect.objectContaining({ code: 'store/path' }));
  });
});
