import { expect, test } from 'vitest';
import { createRunSignal } from '../../src/cli/run-signal.ts';
import { RestageError } from '../../src/errors.ts';

/** A terminal whose Ctrl-C, clock and reader the test holds. */
function heldTerminal() {
  const held: { interrupt: () => void; close: () => void; readonly timers: Map<number, () => void> } = {
    interrupt: () => undefined,
    close: () => undefined,
    timers: new Map(),
  };
  const said: string[] = [];
  const disposable = { [Symbol.dispose]: () => undefined };
  const terminal = {
    onInterrupt: (called: () => void) => {
      held.interrupt = called;
      return disposable;
    },
    after: (ms: number, called: () => void) => {
      held.timers.set(ms, called);
      return disposable;
    },
    out: {
      isTerminal: false,
      columns: () => 80,
      write: async () => undefined,
      onClosed: (called: () => void) => {
        held.close = called;
      },
    },
  };
  const start = (timeoutMs?: number) => createRunSignal(terminal, timeoutMs, (text) => said.push(text));
  return { held, said, start };
}

async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([promise, Promise.resolve(pending)])) === pending;
}

function codeOf(signal: AbortSignal): string | undefined {
  return signal.reason instanceof RestageError ? signal.reason.code : undefined;
}

test('Ctrl-C once asks the command to end and says so, twice ends it at once', async () => {
  const { held, said, start } = heldTerminal();
  using run = start();
  held.interrupt();
  expect([codeOf(run.signal), said]).toEqual(['run/interrupted', ['stopping; once more stops at once']]);
  expect(await isPending(run.forced)).toBe(true);
  held.interrupt();
  await expect(run.forced).rejects.toMatchObject({ code: 'run/interrupted', message: 'stopped at once' });
});

test('the deadline asks the command to end, and holds also when it does not', async () => {
  const { held, start } = heldTerminal();
  using run = start(90_000);
  held.timers.get(90_000)?.();
  expect(run.signal.reason).toMatchObject({ code: 'run/deadline', message: 'not done after 90 s' });
  expect(await isPending(run.forced)).toBe(true);
  held.timers.get(5000)?.();
  await expect(run.forced).rejects.toMatchObject({ code: 'run/deadline' });
});

test('without a deadline there is no timer', () => {
  const { held, start } = heldTerminal();
  using run = start();
  expect([held.timers.size, run.signal.aborted]).toEqual([0, false]);
});

test('a reader that goes away ends the command', () => {
  const { held, start } = heldTerminal();
  using run = start();
  held.close();
  expect(codeOf(run.signal)).toBe('run/interrupted');
});
