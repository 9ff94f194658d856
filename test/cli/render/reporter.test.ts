import { describe, expect, test } from 'vitest';
import { createReporter, type ReporterOptions } from '../../../src/cli/render/reporter.ts';
import type { EngineEvent } from '../../../src/model/event.ts';

const step = { layer: 'nodes', phase: 'apply', action: 'power', item: 'fit03', from: 'off', to: 'on' } as const;
const progress: EngineEvent = { type: 'progress', layer: 'data', task: 'read', done: 1, total: 2, unit: 'items' };

/** A terminal whose clock the test holds. */
function held(
  options: Partial<ReporterOptions>,
  isTerminal: boolean,
  variables: Readonly<Record<string, string>> = {},
) {
  const written: string[] = [];
  let tick: { readonly ms: number; readonly called: () => void } = { ms: 0, called: () => undefined };
  const reporter = createReporter(
    {
      error: {
        isTerminal,
        columns: () => 80,
        write: async (text) => {
          written.push(Buffer.from(text).toString('utf8'));
        },
        onClosed: () => undefined,
      },
      every: (ms, called) => {
        tick = { ms, called };
        return { [Symbol.dispose]: () => undefined };
      },
      now: () => 0,
      variables,
    },
    { json: false, quiet: false, verbose: false, ...options },
  );
  return { reporter, written, tick: () => tick };
}

describe('on a terminal', () => {
  test('one line is drawn over and over, at once and then ten times a second, and taken away at the end', () => {
    const { reporter, written, tick } = held({}, true);
    reporter.emit(progress);
    reporter.emit({ ...progress, done: 2 });
    expect(written).toEqual(['\r\u001B[Kdata: read  [##########----------] 50%  1 of 2']);
    tick().called();
    tick().called();
    reporter[Symbol.dispose]();
    expect([tick().ms, ...written.slice(1)]).toEqual([
      ...[100, '\r\u001B[Kdata: read  [####################] 100%  2 of 2'],
      '\r\u001B[K',
    ]);
  });

  test('what is said stands above the line', () => {
    const { reporter, written } = held({}, true);
    reporter.emit(progress);
    reporter.say('a word');
    expect(written.slice(1)).toEqual(['\r\u001B[K', 'a word\n']);
  });

  test('a dumb terminal is no terminal', () => {
    const { reporter, written } = held({}, true, { TERM: 'dumb' });
    reporter.emit(progress);
    expect(written).toEqual([]);
  });
});

describe('elsewhere', () => {
  test('each change is a line, and a heartbeat says that work goes on', () => {
    const { reporter, written, tick } = held({}, false);
    reporter.emit({ type: 'layer-skipped', layer: 'session', reason: 'there is none' });
    reporter.emit({ type: 'step-started', step, index: 0, count: 2 });
    reporter.emit({ type: 'step-done', step, index: 0, count: 2 });
    reporter.emit({ type: 'step-failed', step, code: 'node/deadline', message: 'too late' });
    reporter.emit({ type: 'note', note: 'some-note', details: { file: 'a', count: 2 } });
    tick().called();
    expect([tick().ms, ...written]).toEqual([
      30_000,
      'session left out: there is none\n',
      '1/2 nodes power fit03: off → on\n',
      'failed: nodes power fit03: off → on: too late\n',
      'some note, file a, count 2\n',
      'still at work: 1/2 nodes power fit03: off → on\n',
    ]);
  });

  test('what would move the cursor is taken out', () => {
    const { reporter, written } = held({}, false);
    reporter.emit({ type: 'layer-skipped', layer: 'session', reason: 'bad\u001B[2J\nname\u0007' });
    expect(written).toEqual(['session left out: bad[2J name\n']);
  });

  test.each([
    { options: { quiet: true }, lines: 0, why: 'quiet' },
    { options: { json: true }, lines: 0, why: 'stderr of --json is for failures' },
    { options: { json: true, verbose: true }, lines: 1, why: 'unless events are asked for' },
  ])('with $options there are $lines lines: $why', ({ options, lines }) => {
    const { reporter, written } = held(options, false);
    reporter.emit(progress);
    expect(written).toHaveLength(lines);
    if (lines > 0) expect(JSON.parse(written[0] ?? '')).toEqual(progress);
  });
});
