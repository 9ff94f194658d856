import { expect, test } from 'vitest';
import { parseStoreFile, writeStoreFile } from '../../src/store/store-file.ts';

const FILE = {
  format: 1,
  id: '0b6f6d0e-6c1e-4f5b-9a53-2f0d4c7c7a11',
  engine: 'directory',
  chunker: 'cdc-64k',
} as const;

test('what was written is read back, with what a later restage may have added', () => {
  expect(parseStoreFile(writeStoreFile(FILE), 'store.json')).toEqual(FILE);
  expect(parseStoreFile(JSON.stringify({ ...FILE, colour: 'red' }), 'store.json')).toMatchObject(FILE);
});

test.each([
  { text: 'format 1', why: 'no JSON' },
  { text: '[]', why: 'no object' },
  { text: JSON.stringify({ ...FILE, format: 2 }), why: 'of a newer restage' },
  { text: JSON.stringify({ ...FILE, id: 'mine' }), why: 'no id' },
])('$text is refused: $why', ({ text }) => {
  expect(() => parseStoreFile(text, '/x/store.json')).toThrow(
    expect.objectContaining({ code: 'store/format', message: expect.stringContaining('/x/store.json') as string }),
  );
});
