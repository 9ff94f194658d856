import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const FILES = globSync('{src,test,bench,scripts}/**/*.ts').toSorted();
const SOURCES = FILES.filter((path) => path.startsWith('src/'));
/** Lines that an export may stand on without a comment: a type inferred from the schema of the same name above it. */
const INFERRED = /^export type \w+ = (z\.infer|\(typeof)/;

test('there are sources to look at', () => {
  expect(SOURCES.length).toBeGreaterThan(50);
});

test.each(FILES)('%s is named in kebab-case, and not after what it is not', (path) => {
  expect(path).toMatch(/^([a-z0-9-]+\/)+[a-z0-9-]+(\.test)?\.ts$/);
  expect(path).not.toMatch(/\b(utils?|helpers?|misc|common|types)\b/);
});

test.each(SOURCES)('%s says about every export what it is, in a sentence', (path) => {
  const lines = readFileSync(path, 'utf8').split('\n');
  const silent = lines.filter(
    (line, index) => line.startsWith('export ') && !INFERRED.test(line) && !lines[index - 1]?.endsWith('*/'),
  );
  expect(silent.filter((line) => !/^export (type )?[{*]/.test(line))).toEqual([]);
});

test.each(SOURCES)('%s switches no check off', (path) => {
  expect(readFileSync(path, 'utf8')).not.toMatch(/eslint-disable|@ts-(ignore|expect-error|nocheck)|prettier-ignore/);
});

describe('how long files are', () => {
  const lengths = SOURCES.map((path) => readFileSync(path, 'utf8').trimEnd().split('\n').length).sort((a, b) => a - b);

  test('half of them have at most 100 lines', () => {
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(100);
  });
  test('none has more than 400', () => {
    expect(lengths.at(-1)).toBeLessThanOrEqual(400);
  });
});
