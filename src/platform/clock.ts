import { setTimeout as delay } from 'node:timers/promises';

/** Time, as the engine may know it. */
export interface Clock {
  /** Wall-clock time, ms since the epoch. May step. */
  readonly now: () => number;
  /** Time that never goes backwards, in ms with a fraction, from an arbitrary start. */
  readonly monotonic: () => number;
  /** Resolves after `ms`; rejects with the reason of the context's signal, or of `until`, as soon as one aborts. */
  readonly sleep: (ms: number, until?: AbortSignal) => Promise<void>;
}

/** The clock of this machine, whose sleeps end when `signal` aborts. */
export function createClock(signal: AbortSignal): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: async (ms, until) => {
      try {
        await delay(ms, undefined, { signal: until ? AbortSignal.any([signal, until]) : signal });
      } catch (error) {
        signal.throwIfAborted();
        until?.throwIfAborted();
        throw error;
      }
    },
  };
}
