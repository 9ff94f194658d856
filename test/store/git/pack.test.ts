import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { objectId } from '../../../src/store/git/object.ts';
import { applyDelta, encodeDelta, encodePack, type PackObject } from '../../../src/store/git/pack.ts';
import { encodePackIndex, readPackIndex } from '../../../src/store/git/pack-index.ts';
import { hasTool } from '../../rig/has-tool.ts';
import { temporaryDirectory } from '../../rig/temporary-directory.ts';

const bytes = fc.uint8Array({ maxLength: 400, size: 'max' }).map((array) => Buffer.from(array));

describe('encodePack', () => {
  test.skipIf(!hasTool('git'))('writes what git indexes to the same bytes as we do, deltas included', () => {
    using scratch = temporaryDirectory();
    const big = Buffer.alloc(200_000, 'a line of a big tree\n');
    const changed = Buffer.from(big);
    changed.write('another', 123_456);
    const base = blob(big);
    const objects = [
      ...[0, 1, 15, 16, 17, 2047, 2048, 70_000].map((size) => blob(Buffer.alloc(size, `${size}`))),
      base,
      { ...blob(changed), delta: { base: base.id, bytes: encodeDelta([big], [changed]) } },
    ];
    const pack = encodePack(objects);
    const file = join(scratch.path, 'x.pack');
    writeFileSync(file, Buffer.concat(pack.parts));
    const answer = execFileSync('git', ['index-pack', '--strict', file], { cwd: scratch.path, encoding: 'utf8' });
    expect(answer.trim()).toBe(pack.checksum);
    const theirs = execFileSync('cat', [join(scratch.path, 'x.idx')]);
    expect(encodePackIndex(pack.entries, pack.checksum).equals(theirs)).toBe(true);
  });
});

describe('deltas', () => {
  test('bring back the target, whatever it has in common with the base', () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, bytes, (head, tail, old, fresh) => {
        const [base, target] = [Buffer.concat([head, old, tail]), Buffer.concat([head, fresh, tail])];
        expect(applyDelta(base, encodeDelta([base], [target]))?.equals(target)).toBe(true);
      }),
    );
  });

  test('of texts in parts bring back the target, whichever parts have changed', () => {
    const part = fc.record({ old: bytes, fresh: fc.option(bytes) });
    fc.assert(
      fc.property(fc.array(part, { size: 'max', maxLength: 12 }), fc.array(bytes, { maxLength: 2 }), (parts, more) => {
        const base = parts.map(({ old }) => old);
        const target = [...parts.map(({ old, fresh }) => fresh ?? old), ...more];
        expect(applyDelta(Buffer.concat(base), encodeDelta(base, target))?.equals(Buffer.concat(target))).toBe(true);
      }),
    );
  });

  test('of scattered changes are as small as the changes', () => {
    const base = Array.from({ length: 80 }, (_, n) => Buffer.alloc(4096, `${n} `));
    const target = base.map((old, n) =>
      n % 5 === 0 ? Buffer.concat([old.subarray(0, 2000), Buffer.from('changed'), old.subarray(2007)]) : old,
    );
    const delta = encodeDelta(base, target);
    expect(delta.length).toBeLessThan(16 * 25);
    expect(applyDelta(Buffer.concat(base), delta)?.equals(Buffer.concat(target))).toBe(true);
  });

  test('pass over parts that both have', () => {
    const [a, b, c] = [Buffer.alloc(70_000, 'a'), Buffer.from('b'), Buffer.alloc(70_000, 'c')];
    const delta = encodeDelta([a, b, c], [a, Buffer.from('bb'), c]);
    expect(applyDelta(Buffer.concat([a, b, c]), delta)?.toString()).toBe(
      `${'a'.repeat(70_000)}bb${'c'.repeat(70_000)}`,
    );
    expect(delta.length).toBeLessThan(60);
  });

  test.each([
    { delta: [5, 3, 0x90, 3], why: 'another base size' },
    { delta: [3, 3, 0], why: 'a reserved operation' },
    { delta: [3, 4, 0x90, 3], why: 'less than it promised' },
  ])('that do not fit are refused: $why', ({ delta }) => {
    expect(applyDelta(Buffer.from('abc'), Buffer.from(delta))).toBeUndefined();
  });
});

describe('readPackIndex', () => {
  test('finds each object and no other, and knows whether it is whole', () => {
    const pack = encodePack(Array.from({ length: 500 }, (_, n) => blob(Buffer.from(`${n}`))));
    const raw = encodePackIndex(pack.entries, pack.checksum);
    const index = readPackIndex(raw, 'x.idx');
    for (const { id, offset } of pack.entries) expect(index.offsetOf(id)).toBe(offset);
    expect(index.offsetOf('0'.repeat(40))).toBeUndefined();
    expect(index.offsetOf('f'.repeat(40))).toBeUndefined();
    expect([...index.entries()]).toHaveLength(500);
    expect(index.isWhole()).toBe(true);
    raw[2000] = (raw[2000] ?? 0) ^ 1;
    expect(index.isWhole()).toBe(false);
    expect(() => readPackIndex(raw.subarray(0, 900), 'x.idx')).toThrow(
      expect.objectContaining({ code: 'store/damaged' }),
    );
  });
});

function blob(body: Buffer): PackObject {
  return { id: objectId('blob', body), kind: 'blob', parts: [body] };
}
