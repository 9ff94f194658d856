import type { Clock } from '../platform/clock.ts';

/** What a limit of time stands on. */
export interface TimeContext {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Gives work a limit of time of its own.
 *
 * The work gets a signal that aborts when the time is over, or when the context's signal does. It has to end soon after,
 * and is waited for: what it cleans up is clean when this resolves.
 *
 * @returns what the work answered, or `undefined` when its time was over
 * @throws the reason of the context's signal once that aborts, and what the work throws before its time is over
 */
export async function within<Value>(
  ms: number,
  { clock, signal }: TimeContext,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value | undefined> {
  signal.throwIfAborted();
  const limit = new AbortController();
  const done = new AbortController();
  const timer = clock.sleep(ms, done.signal).then(() => {
    limit.abort(new Error('the time is over'));
  });
  timer.catch(() => undefined);
  try {
    return await work(AbortSignal.any([limit.signal, signal]));
  } catch (error) {
    signal.throwIfAborted();
    // What fails since its time is over has no failure of its own.
    if (limit.signal.aborted) return undefined;
    throw error;
  } finally {
    done.abort(new Error('the work has ended'));
  }
}
