import { describe, expect, test } from 'vitest';
import { checkName, nameOfMember, parseReference } from '../../src/snapshot/name.ts';

describe('checkName', () => {
  test.each([
    { text: 'demo', name: 'demo', why: 'a word' },
    { text: 'demo.snap', name: 'demo', why: 'the name of its file' },
    { text: 'before-upgrade_2.1', name: 'before-upgrade_2.1', why: 'dash, underscore, dot' },
    { text: 'Überblick', name: 'Überblick', why: 'letters of any language' },
  ])('$text: $why', ({ text, name }) => {
    expect(checkName(text)).toBe(name);
  });

  test.each([
    { text: 'live', why: 'the present state' },
    { text: 'undo', why: 'what load saves' },
    { text: 'undo.snap', why: 'the same with its ending' },
    { text: '', why: 'nothing' },
    { text: '-x', why: 'looks like an option' },
    { text: '.hidden', why: 'would not be listed' },
    { text: 'a/b', why: 'a path' },
    { text: '../a', why: 'a path out of here' },
    { text: 'a@b', why: 'the sign before a version' },
    { text: 'a b', why: 'a blank' },
    { text: 'x'.repeat(101), why: 'too long' },
    { text: 'e\u0301', why: 'not in Unicode form NFC' },
  ])('refuses $text: $why', ({ text }) => {
    expect(() => checkName(text)).toThrow(expect.objectContaining({ code: 'snapshot/name' }));
  });
});

test.each([
  { text: 'demo', is: { base: 'demo', isPath: false }, why: 'a name' },
  { text: 'demo.snap', is: { base: 'demo.snap', isPath: true }, why: 'a file here' },
  { text: './demo', is: { base: './demo', isPath: true }, why: 'a path' },
  { text: 'demo@0eab4', is: { base: 'demo', isPath: false, version: '0eab4' }, why: 'with digits of a version' },
  {
    text: 'a@b/demo.snap@{2 hours ago}',
    is: { base: 'a@b/demo.snap', isPath: true, version: '{2 hours ago}' },
    why: 'the last @ counts',
  },
  { text: '@x', is: { base: '@x', isPath: false }, why: 'no name before it' },
])('$text is read: $why', ({ text, is }) => {
  expect(parseReference(text)).toEqual(is);
});

test.each([
  { path: 'snapshots/a.snap', name: 'a', why: 'the snapshot itself' },
  { path: 'snapshots/a.needs/00', name: undefined, why: 'what it needs' },
  { path: 'streams/a.snap', name: undefined, why: 'another root' },
])('$path: $why', ({ path, name }) => {
  expect(nameOfMember(path)).toBe(name);
});
