import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIni } from '../../src/model/ini.ts';

function read(text: string): string[][] {
  return parseIni(text, 'x.conf').flatMap(({ section, key, value }) => (key === '' ? [] : [[section, key, value]]));
}

describe('parseIni', () => {
  test.each([
    { text: '[a]\nk = v', is: [['a', 'k', 'v']], why: 'the usual' },
    {
      text: '[a]\nk=v\nl: w',
      is: [
        ['a', 'k', 'v'],
        ['a', 'l', 'w'],
      ],
      why: 'both separators, as configparser',
    },
    { text: '[store.etcd]\nk=v', is: [['store.etcd', 'k', 'v']], why: 'a section keeps its dots' },
    { text: '[stream qplan]\nk=v', is: [['stream qplan', 'k', 'v']], why: 'a section has a name behind it' },
    { text: '[a]\nrun = sh -c "x ; y" # z', is: [['a', 'run', 'sh -c "x ; y" # z']], why: 'a value keeps ; and #' },
    { text: '[a]\n# c\n; c\nk=v', is: [['a', 'k', 'v']], why: 'a comment has a line of its own' },
    { text: '[a]\nk = x=y:z', is: [['a', 'k', 'x=y:z']], why: 'only the first separator separates' },
    {
      text: '[a]\nk =\n  one\n  two\nl=w',
      is: [
        ['a', 'k', 'one\ntwo'],
        ['a', 'l', 'w'],
      ],
      why: 'a value goes on',
    },
    {
      text: '[a]\n  k = v\n  l = w',
      is: [
        ['a', 'k', 'v'],
        ['a', 'l', 'w'],
      ],
      why: 'all keys are indented',
    },
    { text: '[a]\nk =', is: [['a', 'k', '']], why: 'an empty value' },
    { text: '\uFEFF[a]\r\nk = v\r\n', is: [['a', 'k', 'v']], why: 'an editor of Windows' },
    { text: '[a] # b\nk=v', is: [['a', 'k', 'v']], why: 'a comment behind a section' },
    { text: '[__proto__]\n__proto__ = v', is: [['__proto__', '__proto__', 'v']], why: 'no name is special' },
    { text: '', is: [], why: 'nothing' },
  ])('reads $text: $why', ({ text, is }) => {
    expect(read(text)).toEqual(is);
  });

  test.each([
    { text: '[a]\nnonsense', says: 'x.conf:2: neither [section] nor key = value: "nonsense"', why: 'no separator' },
    { text: '\n\nk = v', says: 'x.conf:3: the key k stands before any [section]: "k = v"', why: 'no section' },
    { text: '[a]\n= v', says: 'x.conf:2: neither [section] nor key = value: "= v"', why: 'no key' },
    { text: '[a\nk = v', says: 'x.conf:1: neither [section] nor key = value: "[a"', why: 'a bracket is missing' },
  ])('says where $text is wrong: $why', ({ text, says }) => {
    expect(() => parseIni(text, 'x.conf')).toThrow(
      expect.objectContaining({ code: 'config/malformed', message: says }),
    );
  });

  test('says on which line a value stands', () => {
    expect(parseIni('[a]\n\n# c\nk = v\n', 'x').map(({ key, line }) => [key, line])).toEqual([
      ['', 1],
      ['k', 4],
    ]);
  });

  test('gives back any value of one line that has no blanks around it', () => {
    const value = fc.string().filter((text) => !/[\r\n\p{Zl}\p{Zp}\v\f\u0085]/u.test(text) && text === text.trim());
    fc.assert(
      fc.property(value, (text) => {
        expect(read(`[a]\nk = ${text}`)).toEqual([['a', 'k', text]]);
      }),
    );
  });
});
