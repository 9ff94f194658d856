import { describe, expect, test } from 'vitest';
import { advanceProgress, NO_PROGRESS, progressLine, type ProgressState } from '../../../src/cli/render/progress.ts';
import type { EngineEvent } from '../../../src/model/event.ts';

const step = { layer: 'nodes', phase: 'apply', action: 'power', item: 'fit03', from: 'off', to: 'on' } as const;

function after(events: readonly (readonly [ms: number, EngineEvent])[]): ProgressState {
  return events.reduce((state, [ms, event]) => advanceProgress(state, event, ms), NO_PROGRESS);
}

function read(done: number, total?: number, unit: 'bytes' | 'items' = 'bytes'): EngineEvent {
  return { type: 'progress', layer: 'data', task: 'read', done, unit, ...(total !== undefined && { total }) };
}

describe('progressLine', () => {
  test.each([
    { events: [], is: '', why: 'nothing goes on' },
    { events: [[0, read(0, 1000)]], is: 'data: read  [--------------------] 0%  0 B of 1.0 KB', why: 'no rate yet' },
    {
      events: [
        [0, read(0, 4e6)],
        [2000, read(1e6, 4e6)],
      ],
      is: 'data: read  [#####---------------] 25%  1.0 MB of 4.0 MB  500 KB/s  6.0 s left',
      why: 'bar, rate and time left',
    },
    {
      events: [
        [0, read(2e6, 4e6)],
        [2000, read(3e6, 4e6)],
      ],
      is: 'data: read  [###############-----] 75%  3.0 MB of 4.0 MB  500 KB/s  2.0 s left',
      why: 'what was there before does not count as fast',
    },
    { events: [[0, read(3)]], is: 'data: read  3 B', why: 'no total' },
    { events: [[0, read(3, 10, 'items')]], is: 'data: read  [######--------------] 30%  3 of 10', why: 'items' },
    { events: [[0, read(0, 0)]], is: 'data: read  0 B of 0 B', why: 'nothing to do is no division by zero' },
    {
      events: [[0, { type: 'step-started', step, index: 1, count: 3 }]],
      is: '2/3 nodes power fit03: off → on',
      why: 'a step of a plan',
    },
    {
      events: [
        [0, { type: 'step-started', step, index: 1, count: 3 }],
        [0, read(1, 2)],
      ],
      is: '2/3 nodes power fit03: off → on  data: read  [##########----------] 50%  1 B of 2 B',
      why: 'a task within a step',
    },
    {
      events: [
        [0, read(1, 2)],
        [0, { type: 'step-started', step, index: 0, count: 3 }],
        [0, { type: 'step-done', step, index: 0, count: 3 }],
      ],
      is: '1/3 nodes power fit03: off → on',
      why: 'tasks end with their step',
    },
  ] as readonly { events: readonly (readonly [number, EngineEvent])[]; is: string; why: string }[])(
    'is "$is": $why',
    ({ events, is }) => {
      expect(progressLine(after(events), 2000, 200)).toBe(is);
    },
  );

  test('fits into a narrow terminal', () => {
    expect(progressLine(after([[0, read(1, 2)]]), 0, 12)).toBe('data: read…');
  });
});
