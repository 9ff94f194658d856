import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatStampLine, parseStampLine, stampLines, stampTime } from '../../src/nodes/stamp.ts';

describe('parseStampLine', () => {
  test.each([
    {
      line: '2026-11-02@10:14 - node fit04 - image ubuntu-22.04 - by mario - base',
      stamp: { time: '2026-11-02@10:14', node: 'fit04', image: 'ubuntu-22.04', login: 'mario', comment: 'base' },
      why: 'a line of rhubarbe',
    },
    {
      line: '2026-11-02@10:14 - node fit04 - image ubuntu-22.04 - by mario',
      stamp: { time: '2026-11-02@10:14', node: 'fit04', image: 'ubuntu-22.04', login: 'mario' },
      why: 'without a comment',
    },
    {
      line: '2026-11-02@10:14 - node fit04 - image u - by mario - with - dashes - from 0123456789ab',
      stamp: {
        ...{ time: '2026-11-02@10:14', node: 'fit04', image: 'u', login: 'mario' },
        ...{ comment: 'with - dashes', parent: '0123456789ab' },
      },
      why: 'a line of ours, whose comment has dashes',
    },
    { line: '2026-11-02@10:14 - node fit04 - image ubuntu', stamp: undefined, why: 'cut off' },
    { line: 'Debian GNU/Linux 12', stamp: undefined, why: 'something else' },
  ])('$why', ({ line, stamp }) => {
    expect(parseStampLine(line)).toEqual(stamp);
  });

  test('what is written is read back', () => {
    const word = fc.stringMatching(/^[\w.@-]{1,12}$/);
    const comment = fc.stringMatching(/^[a-z]([ a-z-]{0,20}[a-z])?$/).filter((text) => !text.startsWith('from '));
    const hex = fc.stringMatching(/^[0-9a-f]{12}$/);
    const line = fc.record(
      { time: fc.constant('2026-11-02@10:14'), node: word, image: word, login: word, comment, parent: hex },
      { requiredKeys: ['time', 'node', 'image', 'login'] },
    );
    fc.assert(
      fc.property(line, (stamp) => {
        const { comment: said, ...rest } = stamp;
        const plain = said === undefined ? rest : { ...rest, comment: said.replace(/\s+/g, ' ') };
        expect(parseStampLine(formatStampLine(stamp))).toEqual(plain);
      }),
    );
  });

  test('no comment makes two lines or another parent', () => {
    const base = { time: '2026-11-02@10:14', node: 'fit04', image: 'u', login: 'm' };
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (comment) => {
        const line = formatStampLine({ ...base, comment: `${comment} - from 0123456789ab` });
        expect(stampLines(line)).toHaveLength(1);
        expect(parseStampLine(line)?.parent).toBeUndefined();
      }),
    );
  });
});

test('the lines of a file are read without what surrounds them', () => {
  expect(stampLines('a\n\n b \nc')).toEqual(['a', 'b', 'c']);
  expect(stampTime('2026-11-02T10:14:59Z')).toBe('2026-11-02@10:14');
});
