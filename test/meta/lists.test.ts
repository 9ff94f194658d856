import { globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';

const LISTS = globSync('src/*/*/list.ts').toSorted();

test('there are lists of drivers', () => {
  expect(LISTS).toContain('src/environment/distributions/list.ts');
});

test.each(LISTS)('%s imports every driver that lies beside it', (list) => {
  const text = readFileSync(list, 'utf8');
  const listed = Array.from(text.matchAll(/^import (?!type).* from '\.\/([^/.]+)/gm), ([, name = '']) => name);
  const present = readdirSync(dirname(list)).filter((entry) => !['contract.ts', 'list.ts'].includes(entry));
  expect(listed.toSorted()).toEqual(present.map((entry) => basename(entry, '.ts')).toSorted());
});
