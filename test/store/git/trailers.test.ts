import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../src/model/digest.ts';
import type { Version } from '../../../src/model/id.ts';
import { type CommitMessage, parseMessage, writeMessage } from '../../../src/store/git/trailers.ts';

const MESSAGE: CommitMessage = {
  subject: 'put qplan',
  seq: 41,
  producer: 'rino@lab',
  requestId: 'r 1',
  changes: [
    { path: 'streams/q plan/raw', change: 'put', digest: digestOf('x'), size: 1, previous: 40 },
    { path: 'streams/new', change: 'put', digest: digestOf('y'), size: 1 },
    { path: 'streams/old prev=3', change: 'delete', previous: 7 },
  ],
  unchanged: ['streams/same'],
  inputs: [{ path: 'streams/a b', version: 'a'.repeat(40) as Version, digest: digestOf('z') }],
  trailers: { Exit: '0', Started: '2026-11-20T09:14:00Z' },
};

describe('commit messages', () => {
  test('come back as they were written', () => {
    expect(parseMessage(writeMessage(MESSAGE))).toEqual(MESSAGE);
  });

  test('have the form that git reads as trailers', () => {
    expect(writeMessage({ ...MESSAGE, changes: MESSAGE.changes.slice(1, 2) })).toBe(
      [
        'put qplan',
        '',
        'Restage-Seq: 41',
        'Restage-Producer: rino@lab',
        'Restage-Request: r 1',
        `Restage-Change: put streams/new ${digestOf('y')} 1`,
        'Restage-Unchanged: streams/same',
        `Restage-Input: streams/a b@${'a'.repeat(40)} ${digestOf('z')}`,
        'Restage-Exit: 0',
        'Restage-Started: 2026-11-20T09:14:00Z',
        '',
      ].join('\n'),
    );
  });

  test('no value makes a line, a trailer or a change of its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.string(), (subject, value, key) => {
        const text = writeMessage({
          ...MESSAGE,
          subject: `${subject}\n\nRestage-Seq: 1`,
          producer: `${value}\nRestage-Seq: 2`,
          trailers: { [key]: value, Note: `${value}\nRestage-Change: delete a` },
        });
        const read = parseMessage(text);
        expect(read).toMatchObject({ seq: 41, changes: MESSAGE.changes, inputs: MESSAGE.inputs, requestId: 'r 1' });
        expect(text.split('\n')[1]).toBe('');
      }),
      { numRuns: 40 },
    );
  });

  test('keep secrets back', () => {
    const token = `ghp_${'a'.repeat(36)}`;
    const text = writeMessage({
      ...MESSAGE,
      subject: `push https://me:secret@lab ${token}`,
      trailers: { Command: 'run --password hunter22' },
    });
    expect(text).not.toMatch(/secret@|hunter22|ghp_/);
  });

  test.each([
    { text: 'just words', why: 'no trailers' },
    { text: 'words\n\nSigned-off-by: x', why: 'trailers of others' },
    { text: 'words\n\nRestage-Seq: x\nRestage-Producer: y', why: 'no number' },
  ])('that are not ours are not taken for ours: $why', ({ text }) => {
    expect(parseMessage(text)).toBeUndefined();
  });
});
