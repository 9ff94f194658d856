import type { Emit } from '../model/event.ts';
import { createClock } from './clock.ts';
import type { Context } from './context.ts';
import { createExec, createStart } from './exec.ts';
import { createFiles } from './files.ts';
import { readHost } from './host.ts';
import { systemRandom } from './random.ts';
import { startSliceWork } from './workers.ts';

/** The effects of this machine, for one run of a command: they end when `signal` aborts. */
export function createLocalContext(signal: AbortSignal, emit: Emit): Context {
  return {
    exec: createExec(signal),
    start: createStart(signal),
    files: createFiles(),
    fetch: (url, init) =>
      fetch(url, { ...init, signal: init?.signal ? AbortSignal.any([init.signal, signal]) : signal }),
    clock: createClock(signal),
    random: systemRandom,
    sliceWork: startSliceWork,
    host: readHost(),
    variables: process.env,
    signal,
    emit,
  };
}
