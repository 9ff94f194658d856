import { setTimeout as delay } from 'node:timers/promises';

/** Time, as the engine may know it. */
export interface Clock {
  /** Wall-clock time, ms since the epoch. May step. */
  readonly now: () => number;
  /** Time that never goes backwards, in ms with a fraction, from an arbitrary start. */
  readonly monotonic: () => number;
  /** Resolves after `ms`; rejects with the reason of the context's signal as soon as it aborts. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** The clock of this machine, whose sleeps end when `signal` aborts. */
export function createClock(signal: AbortSignal): Clock {
  return {
    now: () => Date.now(),
    monotonic: () => performance.now(),
    sleep: async (ms) => {
      try {
        await delay(ms, undefined, { signal });
      } catch (error) {
        signal.throwIfAborted();
        throw error;
      }
    },
  };
}
