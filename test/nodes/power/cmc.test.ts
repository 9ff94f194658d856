import { describe, expect, test } from 'vitest';
import { parseAccepted, parseStatus, cmc } from '../../../src/nodes/power/cmc.ts';
import { startCard } from '../rig/card.ts';

describe('what a card answers', () => {
  test.each([
    { text: 'on', value: 'on', why: 'the bare word' },
    { text: ' off\r\n', value: 'off', why: 'with blanks and line ends' },
    { text: 'ON', value: 'on', why: 'in capitals' },
  ])('$value to status: $why', ({ text, value }) => {
    expect(parseStatus(text)).toEqual({ ok: true, value });
  });

  test.each([
    { text: '', why: 'nothing' },
    { text: 'ok', why: 'the answer to another verb' },
    { text: 'on off', why: 'both' },
    { text: '<html>off</html>', why: 'a page that says off' },
    { text: '\u001b[2Joff', why: 'a word behind control characters' },
  ])('unknown to status: $why', ({ text }) => {
    expect(parseStatus(text)).toMatchObject({ ok: false, code: 'power-unknown' });
  });

  test.each([
    { text: 'ok\n', wanted: 'on', ok: true, why: 'accepted' },
    { text: 'already  on', wanted: 'on', ok: true, why: 'it was so' },
    { text: 'already on', wanted: 'off', ok: false, why: 'the opposite' },
    { text: 'busy', wanted: 'off', ok: false, why: 'refused' },
  ] as const)('$text to $wanted: $why', ({ text, wanted, ok }) => {
    expect(parseAccepted(text, wanted).ok).toBe(ok);
  });

  test('what is shown of an answer is short and has no control characters', () => {
    const answer = parseStatus(`\u001b[31m${'x'.repeat(100)}`);
    expect(answer).toMatchObject({ detail: `its card answers "[31m${'x'.repeat(36)}…"` });
  });
});

test('an outlet has verbs of its own', async () => {
  await using rig = await startCard();
  const usrp = { ...rig.feed, verbs: 'usrp' };
  expect(await cmc.on(usrp, rig.context)).toMatchObject({ ok: true });
  expect(await cmc.status(usrp, rig.context)).toEqual({ ok: true, value: 'on' });
  await cmc.off(rig.feed, rig.context);
  expect(await cmc.status(usrp, rig.context), 'the node is another matter').toEqual({ ok: true, value: 'on' });
  expect(await cmc.info(rig.feed, rig.context)).toEqual({ ok: true, value: 'firmware 1\nserial 2\n' });
});
