import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { storeAsZlib } from '../../../src/store/git/stored-zlib.ts';

test('zlib reads back what was stored, checksum and all', () => {
  const part = fc.uint8Array({ minLength: 1, maxLength: 2000, size: 'max' });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
      expect(inflateSync(Buffer.concat(storeAsZlib(parts))).equals(Buffer.concat(parts))).toBe(true);
    }),
    { numRuns: 30 },
  );
  const full = Buffer.alloc(65_535, 0xff);
  expect(inflateSync(Buffer.concat(storeAsZlib([full, full]))).length).toBe(131_070);
});
