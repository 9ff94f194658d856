import { describe, expect, test } from 'vitest';
import { openEnvelope } from '../../src/service/envelope.ts';

const HEADER = '=====GET a';

describe('an envelope', () => {
  test.each([
    { frames: ['peer', '', HEADER], envelope: 2, why: 'REQ' },
    { frames: ['peer', '', ''], envelope: 2, why: 'REQ with an empty message' },
    { frames: ['peer', HEADER], envelope: 1, why: 'DEALER' },
    { frames: ['peer', ''], envelope: 1, why: 'DEALER with an empty message' },
    { frames: ['peer', 'nonsense'], envelope: 1, why: 'DEALER with nonsense' },
    { frames: ['peer', HEADER, '', 'content'], envelope: 1, why: 'DEALER with an empty content' },
    { frames: ['peer', '', HEADER, ''], envelope: 2, why: 'REQ with an empty content' },
    { frames: ['peer', 'proxy', 'client', '', HEADER], envelope: 4, why: 'through two proxies' },
    { frames: ['peer', 'x', '', 'y'], envelope: 1, why: 'nonsense of several frames' },
    { frames: ['peer'], envelope: 1, why: 'nothing at all' },
  ])('$why', ({ frames, envelope }) => {
    const opened = openEnvelope(frames.map((frame) => Buffer.from(frame)));
    expect(opened.envelope.map(String)).toEqual(frames.slice(0, envelope));
    expect(opened.body.map(String)).toEqual(frames.slice(envelope));
  });
});
