import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../src/model/digest.ts';
import { canonicalOf } from '../../src/session/identify.ts';
import { unitName } from '../../src/session/name.ts';
import { WORDS } from '../../src/session/words.ts';

describe('unitName', () => {
  test.each([
    {
      uri: 'exec://localhost/home/agp/Jts/tws?username=myuser&password=mypassword',
      name: 'yellow-panda',
      why: 'the example of the documents, its password hidden',
    },
    {
      uri: 'exec://localhost/home/agp/Jts/tws?username=myuser&password=another',
      name: 'yellow-panda',
      why: 'another password is the same unit',
    },
    {
      uri: 'ib://localhost/sync?uid=master&account=0&tws=master.tws',
      name: 'quiet-harbor',
      why: 'a scheme that an application will declare: the order of its query means nothing',
    },
    { uri: 'exec://localhost/bin/sleep?60', name: 'musical-jellyfish', why: 'golden' },
    { uri: 'exec://localhost/bin/sleep?61', name: 'neutral-raspberry', why: 'golden' },
    { uri: 'exec://LOCALHOST/usr/bin/../bin/env?A=%41', name: 'burnished-beagle', why: 'golden' },
  ])('$uri is $name: $why', ({ uri, name }) => {
    expect(unitName(canonicalOf(uri, []), isFree)).toBe(name);
  });

  test('a name that another unit has gets one more word in front, and then another', () => {
    const canonical = canonicalOf('exec://localhost/bin/sleep?60', []);
    const first = unitName(canonical, isFree);
    const second = unitName(canonical, (name) => name === first);
    const third = unitName(canonical, (name) => name === first || name === second);
    expect(second).toMatch(new RegExp(`^[a-z]+-${first}$`));
    expect(third).toMatch(new RegExp(`^[a-z]+-${second}$`));
  });

  test('is a plain word for every URI, the same each time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(unitName(text, isFree)).toMatch(/^[a-z]+-[a-z]+$/);
        expect(unitName(text, isFree)).toBe(unitName(text, isFree));
      }),
    );
  });
});

describe('the word lists', () => {
  test.each([
    {
      list: WORDS.first,
      digest: 'sha256:37fcb0257bbc496f9b061120e63e99b97e98ed83a5aa653f3817422d6dcb57f5',
      why: 'first words',
    },
    {
      list: WORDS.second,
      digest: 'sha256:5d60b41ae9d595eb461982b8813c7060f84b932a40935ab8e65569f6669d3fae',
      why: 'second words',
    },
  ])('are frozen: $why', ({ list, digest }) => {
    expect(list).toHaveLength(1024);
    expect(new Set(list).size).toBe(1024);
    for (const word of list) expect(word).toMatch(/^[a-z]{3,12}$/);
    expect(digestOf(list.join(' '))).toBe(digest);
  });

  test('have no word in common', () => {
    expect(WORDS.first.filter((word) => WORDS.second.includes(word))).toEqual([]);
  });
});

function isFree(): boolean {
  return false;
}
