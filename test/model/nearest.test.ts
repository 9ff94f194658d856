import { expect, test } from 'vitest';
import { nearest } from '../../src/model/nearest.ts';

const names = ['save', 'load', 'list', 'log', 'nodes status', 'data put', 'session start'];

test.each([
  { typed: 'svae', is: ['save'], why: 'two letters are swapped' },
  { typed: 'lod', is: ['load', 'log'], why: 'nearest first, then by name' },
  { typed: 'nodes stauts', is: ['nodes status'], why: 'two words' },
  { typed: 'session', is: ['session start'], why: 'the beginning of a name' },
  { typed: 'SAVE', is: ['save'], why: 'case does not matter' },
  { typed: 'frobnicate', is: [], why: 'nothing is near' },
  { typed: '', is: [], why: 'nothing typed' },
])('$typed may mean $is: $why', ({ typed, is }) => {
  expect(nearest(typed, names)).toEqual(is);
});
