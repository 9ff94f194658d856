import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERRORS } from '../../src/errors.ts';

const CODES = Object.keys(ERRORS);
const TESTS = globSync('test/**/*.ts')
  .filter((path) => !path.startsWith('test/meta/'))
  .map((path) => readFileSync(path, 'utf8'));
const SOURCES = globSync('src/**/*.ts')
  .filter((path) => path !== 'src/errors.ts')
  .map((path) => readFileSync(path, 'utf8'));

test('docs/errors.md has one heading for each code, in the order of the catalogue', () => {
  const headings = readFileSync('docs/errors.md', 'utf8').match(/(?<=^## ).+$/gm);
  expect(headings).toEqual(CODES);
});

test('the catalogue is in the order of the alphabet', () => {
  expect(CODES).toEqual(CODES.toSorted());
});

test.each(Object.entries(ERRORS))(
  '%s is a noun and a problem, and its hint one imperative sentence',
  (code, { hint }) => {
    expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*\/[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(hint).toMatch(/^[A-Z][^\n]{8,140}[^.\s]$/);
  },
);

test('each code is thrown somewhere', () => {
  expect(CODES.filter((code) => !isNamed(code, SOURCES))).toEqual([]);
});

test('each code is seen by a test', () => {
  expect(CODES.filter((code) => !isNamed(code, TESTS))).toEqual([]);
});

/** A code may be put together of its noun and its problem, where many of a kind are made in one place. */
function isNamed(code: string, texts: readonly string[]): boolean {
  const [, problem = ''] = code.split('/');
  return texts.some((text) => text.includes(code) || (problem.includes('-') && text.includes(`'${problem}'`)));
}
