import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  acknowledge,
  countOpen,
  type CursorState,
  floorOf,
  giveBack,
  lease,
  missingFor,
  startCursor,
} from '../../src/store/cursor.ts';

/** Every second entry matches. */
function isMatching(seq: number): boolean {
  return seq % 2 === 0;
}

test('whatever a consumer does: in order, no entry lost, none delivered while it is out, and the floor never above what is open', () => {
  const action = fc.oneof(
    fc.record({ do: fc.constant('lease' as const), count: fc.integer({ min: 1, max: 4 }), ttl: fc.nat(20) }),
    fc.record({ do: fc.constantFrom('ack' as const, 'nack' as const), which: fc.nat(5) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.nat(15) }),
  );
  fc.assert(
    fc.property(fc.array(action, { size: 'max', maxLength: 80 }), (actions) => {
      let [state, now]: [CursorState, number] = [startCursor('', 1), 0];
      const out = new Map<number, number>();
      const attempts = new Map<number, number>();
      const done = new Set<number>();
      for (const step of actions) {
        if (step.do === 'wait') now += step.ms;
        else if (step.do === 'lease') {
          const fresh = freshFrom(state, missingFor(state, step.count, now));
          const result = lease(state, { count: step.count, ttlMs: step.ttl, now, ...fresh });
          state = result.state;
          for (const { seq, attempt } of result.leased) {
            expect(out.get(seq) ?? -1, `${seq} is out`).toBeLessThanOrEqual(now);
            expect(done.has(seq), `${seq} is done`).toBe(false);
            expect(attempt).toBe((attempts.get(seq) ?? 0) + 1);
            attempts.set(seq, attempt);
            out.set(seq, now + step.ttl);
          }
        } else {
          const seq = [...out.keys()][step.which];
          if (seq === undefined) continue;
          if (step.do === 'ack') done.add(seq);
          state = step.do === 'ack' ? acknowledge(state, seq) : giveBack(state, seq, now + 5);
          out.set(seq, now + 5);
          if (step.do === 'ack') out.delete(seq);
        }
        for (let seq = 1; seq < floorOf(state); seq++) expect(!isMatching(seq) || done.has(seq), `${seq}`).toBe(true);
        const { leased, delayed } = countOpen(state, now);
        expect(leased + delayed).toBe(state.open.length);
      }
    }),
  );
});

test('an acknowledgement of what is not out changes nothing', () => {
  const state = startCursor('', 5);
  expect(acknowledge(state, 7)).toBe(state);
  expect(giveBack(state, 7, 0)).toBe(state);
  expect(floorOf(state)).toBe(5);
});

function freshFrom({ scanned }: CursorState, count: number) {
  const fresh: number[] = [];
  let at = scanned;
  while (fresh.length < count && at < 60) if (isMatching(++at)) fresh.push(at);
  return { fresh, scanned: at };
}
