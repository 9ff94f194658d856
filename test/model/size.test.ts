import { expect, test } from 'vitest';
import { parseSize } from '../../src/model/size.ts';

test.each([
  { text: '4096', is: 4096, why: 'bytes' },
  { text: '32K', is: 32_768, why: 'a letter alone is by 1,024, as programs have it' },
  { text: '64 MiB', is: 67_108_864, why: 'so is the unit with an i' },
  { text: '1.5 GB', is: 1_500_000_000, why: 'the one of disk makers is by 1,000' },
  { text: '0', is: 0, why: 'nothing' },
  { text: '-1', is: undefined, why: 'no size' },
  { text: '10 X', is: undefined, why: 'no unit' },
  { text: '', is: undefined, why: 'no number' },
])('$text is $is: $why', ({ text, is }) => {
  expect(parseSize(text)).toBe(is);
});
