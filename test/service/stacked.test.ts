import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OPTION_TITLES, parseStacked } from '../../src/service/stacked/parse.ts';
import { writeStacked, writeStackedStream } from '../../src/service/stacked/write.ts';

function parse(text: string, ...frames: string[]) {
  const all = [text, ...frames].map((frame) => Buffer.from(frame));
  return parseStacked(Buffer.from(text), all);
}

const title = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .map((text) => text.replace(/[\n\r]/g, ' ').trim())
  .filter((text) => !OPTION_TITLES.some((option) => option === text));
/** Bytes with many line ends, tabs and equals signs among them. */
const bytes = fc
  .array(fc.oneof(fc.constantFrom(0x0a, 0x0d, 0x09, 0x3d, 0x5c, 0x74, 0), fc.nat(255)), { maxLength: 120, size: 'max' })
  .map((values) => Buffer.from(values));

describe('a stacked stream', () => {
  test('gives back any bytes under any titles', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ title, body: bytes }), { minLength: 1, maxLength: 6 }), (sections) => {
        const read = parseStacked(writeStacked(sections)).map(({ title: name, body }) => ({ title: name, body }));
        expect(read).toEqual(sections.map(({ title: name, body }) => ({ title: name, body })));
      }),
      { numRuns: 500 },
    );
  });

  test('may stand in a body of another one, as deep as one likes', () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 5 }), (body, depth) => {
        let message: Uint8Array = body;
        for (let level = 0; level < depth; level++) message = writeStacked([{ title: `${level}`, body: message }]);
        for (let level = depth; level > 0; level--) message = parseStacked(message)[0]?.body ?? Buffer.alloc(0);
        expect(Buffer.from(message)).toEqual(body);
      }),
    );
  });

  test('is the same, written whole or as it comes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(bytes, { maxLength: 5 }), async (parts) => {
        async function* source() {
          yield* parts;
        }
        const written: Uint8Array[] = [];
        for await (const part of writeStackedStream('PUT a', source())) written.push(part);
        expect(Buffer.concat(written)).toEqual(writeStacked([{ title: 'PUT a', body: Buffer.concat(parts) }]));
      }),
    );
  });

  test.each([
    { text: '=====a', sections: [['a', '']], why: 'a header alone' },
    { text: '=====a\n', sections: [['a', '']], why: 'no body' },
    { text: '=====a\n\t\n', sections: [['a', '\n']], why: 'an empty line' },
    { text: '=====a\n\tx', sections: [['a', 'x']], why: 'the last body ends where the message ends' },
    {
      text: '=====a\n\tx\n=====b\n\ty\n',
      sections: [
        ['a', 'x\n'],
        ['b', 'y\n'],
      ],
      why: 'the newline belongs to the body',
    },
    { text: '=====a\r\n\tx\r\n', sections: [['a', 'x\r\n']], why: 'CR belongs to the body, and not to the title' },
    { text: '=====a\n\\tx\n', sections: [['a', 'x\n']], why: 'TAB as two characters' },
    { text: '=====a\n\t=====b\n\t\tx', sections: [['a', '=====b\n\tx']], why: 'nested' },
    { text: '======a', sections: [['=a', '']], why: 'six equals signs' },
    { text: '===== \n', sections: [['', '']], why: 'an empty title' },
    { text: '=====a\n\tx\n=====encoding\n\tno-newline', sections: [['a', 'x']], why: 'no newline at the end' },
    { text: '=====a\n\teHk=\n=====encoding\n\tbase64\n', sections: [['a', 'xy']], why: 'base64' },
    {
      text: '=====a\n=====b\n\ty\n',
      sections: [
        ['a', ''],
        ['b', 'y\n'],
      ],
      why: 'an empty body before another section',
    },
    {
      text: '=====a\n\tx\n=====a\n\ty\n',
      sections: [
        ['a', 'x\n'],
        ['a', 'y\n'],
      ],
      why: 'the same title twice',
    },
  ])('$text: $why', ({ text, sections }) => {
    expect(parse(text).map(({ title: name, body }) => [name, body.toString()])).toEqual(sections);
  });

  test('takes a content from another frame of the message', () => {
    const [section] = parse('=====PUT a\n=====encoding\n\tframe 2\n', 'any\nbytes');
    expect(section?.body.toString()).toBe('any\nbytes');
  });

  test('has options behind the section that they qualify', () => {
    const [put, get] = parse(
      '=====PUT a\n\tx\n=====expect\n\tabsent\n=====producer\n\tme\n=====GET b\n=====reply\n\tfull',
    );
    expect(put).toMatchObject({ title: 'PUT a', options: { expect: 'absent', producer: 'me' } });
    expect(get).toMatchObject({ title: 'GET b', options: { reply: 'full' }, line: 7 });
  });

  test.each([
    { text: '', line: 1, why: 'nothing' },
    { text: 'hello', line: 1, why: 'no header' },
    { text: '\tx', line: 1, why: 'a body without a header' },
    { text: '=====a\nx', line: 2, why: 'no TAB' },
    { text: '=====a\n\tx\n\n\ty', line: 3, why: 'a blank line' },
    { text: '=====a\n\tx\n\r\n', line: 3, why: 'a blank line with CR' },
    { text: '=====a\n====b\n', line: 2, why: 'four equals signs' },
    { text: '=====encoding\n\tbase64', line: 1, why: 'an option that qualifies nothing' },
    { text: '=====a\n\tx\n=====encoding\n\trot13', line: 3, why: 'no such encoding' },
    { text: '=====a\n\t!!\n=====encoding\n\tbase64', line: 3, why: 'no base64' },
    { text: '=====a\n=====encoding\n\tframe 2', line: 2, why: 'no such frame' },
    { text: '=====a\n=====encoding\n\tframe 1', line: 2, why: 'the frame that is being read' },
    { text: '=====a\n=====expect\n\tx\n=====expect\n\ty', line: 4, why: 'an option twice' },
  ])('is refused with its line: $why', ({ text, line }) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'wire/malformed', details: { line } }));
  });

  test('with more sections than anyone needs is refused', () => {
    expect(() => parse('=====a\n'.repeat(10_001))).toThrow(expect.objectContaining({ code: 'wire/too-large' }));
  });
});
