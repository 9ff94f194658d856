import { describe, expect, test } from 'vitest';
import { captureVariables, matchesGlob, parseEnvFile } from '../../src/session/environment.ts';

describe('captureVariables', () => {
  const variables = {
    PATH: '/bin',
    HOME: '/h',
    LC_ALL: 'C',
    EDITOR: 'vi',
    RESTAGE_LAUNCH: 'x',
    LD_PRELOAD: 'p',
    A: '${secret:x}',
  };

  test.each([
    { inherit: 'minimal', keys: ['HOME', 'LC_ALL', 'PATH'], why: 'what every program needs' },
    {
      inherit: 'all',
      keys: ['A', 'EDITOR', 'HOME', 'LC_ALL', 'LD_PRELOAD', 'PATH'],
      why: 'all but the marks of a session around',
    },
    { inherit: 'LD_*, EDITOR', keys: ['EDITOR', 'LD_PRELOAD'], why: 'patterns' },
    { inherit: 'NONE', keys: [], why: 'nothing fits' },
  ])('$inherit: $why', ({ inherit, keys }) => {
    expect(Object.keys(captureVariables(inherit, variables))).toEqual(keys);
  });

  test('what looks like a reference is text', () => {
    expect(captureVariables('A', variables)).toEqual({ A: '$${secret:x}' });
  });
});

test.each([
  { text: 'A=1\nB = two words \n', variables: { A: '1', B: 'two words' }, why: 'blanks around' },
  { text: 'export A="1 2"\nB=\'x=y\'\r\n', variables: { A: '1 2', B: 'x=y' }, why: 'quotes, export, line ends' },
  { text: '# A=1\n\nnonsense\n1A=2\n', variables: {}, why: 'comments and what is none' },
  { text: 'A=1\nA=\n', variables: { A: '' }, why: 'the later one wins' },
])('parseEnvFile $text: $why', ({ text, variables }) => {
  expect(Object.fromEntries(parseEnvFile(text))).toEqual(variables);
});

test.each([
  { text: 'demo.web', pattern: 'demo.*', matches: true },
  { text: 'demoXweb', pattern: 'demo.*', matches: false },
  { text: 'web1', pattern: 'web?', matches: true },
  { text: 'a+b', pattern: 'a+b', matches: true },
])('$text matches $pattern: $matches', ({ text, pattern, matches }) => {
  expect(matchesGlob(text, pattern)).toBe(matches);
});
