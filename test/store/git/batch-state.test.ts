import fc from 'fast-check';
import { expect, test } from 'vitest';
import { advanceBatch, type BatchEvent, type BatchState } from '../../../src/store/git/batch-state.ts';

const EVENTS: readonly BatchEvent[] = [
  { on: 'submitted' },
  { on: 'locked' },
  { on: 'built', isEmpty: false },
  { on: 'built', isEmpty: true },
  { on: 'synced' },
  { on: 'linked' },
  { on: 'failed', cause: 'disk' },
  { on: 'settled' },
];

test('a batch goes through all its steps in order', () => {
  const [submitted, locked, built, , synced, linked, , settled] = EVENTS;
  const states: string[] = [];
  let state: BatchState = { is: 'idle' };
  for (const event of [submitted, locked, built, synced, linked, settled]) {
    if (!event) continue;
    const next = advanceBatch(state, event);
    state = next.state;
    states.push(`${state.is} ${next.effect ?? '-'}`);
  }
  expect(states).toEqual([
    'collecting lock',
    'building build',
    'syncing sync',
    'linking link',
    'acknowledged settle',
    'idle -',
  ]);
});

test('whatever happens, nothing is linked before it was synced, and nothing is acknowledged that failed', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...EVENTS), { size: 'max', maxLength: 60 }), (events) => {
      let state: BatchState = { is: 'idle' };
      let effects: string[] = [];
      for (const event of events) {
        const { state: next, effect } = advanceBatch(state, event);
        if (effect === 'lock') effects = [];
        if (effect) effects.push(effect);
        if (next === state || next.is === state.is) expect(effect).toBeUndefined();
        if (effect === 'link') expect(effects).toContain('sync');
        if (effect === 'settle') expect(effects).not.toContain('withdraw');
        if (effect === 'withdraw') expect(effects).not.toContain('settle');
        state = next;
      }
    }),
  );
});
