import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { packSlices, type PackOptions, type SliceWork, type UnpackedSlices } from '../model/slices.ts';

/** Starts threads that hash, code and decode. Who starts closes. They do not keep the process alive while they idle. */
export type StartSliceWork = () => SliceWork;

/** What a thread is asked to do. */
export type Task =
  | { readonly do: 'names'; readonly bytes: Uint8Array; readonly ends: Uint32Array }
  | {
      readonly do: 'pack';
      readonly bytes: Uint8Array;
      readonly ranges: Uint32Array;
      readonly target: Uint8Array;
      readonly options: PackOptions;
    }
  | { readonly do: 'unpack'; readonly bytes: Uint8Array; readonly slices: Uint32Array }
  | { readonly do: 'update'; readonly digester: number; readonly bytes: Uint8Array }
  | { readonly do: 'digest'; readonly digester: number };

/** What a thread answers: a value, or what went wrong. */
export interface Answer {
  readonly id: number;
  readonly value?: Partial<UnpackedSlices> & { readonly table?: Uint32Array };
  readonly error?: string;
}

/** More do not help: then reading and cutting, which is one thread, is the slowest part. */
const MOST_THREADS = 4;

/** Starts one thread for each processor, four at most. */
export const startSliceWork: StartSliceWork = startThreads;

function startThreads(): SliceWork {
  const threads = Array.from({ length: Math.min(availableParallelism(), MOST_THREADS) }, () => new Thread());
  const least = () => threads.reduce((best, thread) => (thread.waiting < best.waiting ? thread : best));
  let digesters = 0;
  return {
    names: async (bytes, ends) => (await least().ask({ do: 'names', bytes, ends })).names ?? new Uint8Array(),
    pack: async (bytes, ranges, target, options) => {
      // A thread would write into a copy.
      if (!(target.buffer instanceof SharedArrayBuffer)) return packSlices(bytes, ranges, target, options);
      return (await least().ask({ do: 'pack', bytes, ranges, target, options })).table ?? new Uint32Array();
    },
    unpack: async (bytes, slices) => {
      const { bytes: unpacked, names } = await least().ask({ do: 'unpack', bytes, slices });
      return { bytes: unpacked ?? new Uint8Array(), names: names ?? new Uint8Array() };
    },
    digester: () => {
      const digester = digesters++;
      // Its state lives in one thread, which gets all of its bytes.
      const thread = least();
      return {
        update: async (bytes) => {
          await thread.ask({ do: 'update', digester, bytes });
        },
        digest: async () => (await thread.ask({ do: 'digest', digester })).names ?? new Uint8Array(),
      };
    },
    close: async () => {
      await Promise.all(threads.map((thread) => thread.end()));
    },
  };
}

class Thread {
  readonly #worker: Worker;
  readonly #asked = new Map<number, PromiseWithResolvers<NonNullable<Answer['value']>>>();
  #count = 0;
  #broken: Error | undefined;

  constructor() {
    this.#worker = new Worker(entry(), { name: 'restage-slices' });
    this.#worker.on('message', ({ id, value, error }: Answer) => {
      const asked = this.#asked.get(id);
      this.#forget(id);
      if (error === undefined) asked?.resolve(value ?? {});
      else asked?.reject(new Error(error));
    });
    this.#worker.on('error', (error) => {
      this.#break(error instanceof Error ? error : new Error(String(error)));
    });
    this.#worker.on('exit', () => {
      this.#break(new Error('the thread has ended'));
    });
    this.#worker.unref();
  }

  /** Tasks that are not answered yet. */
  get waiting(): number {
    return this.#asked.size;
  }

  ask(task: Task): Promise<NonNullable<Answer['value']>> {
    if (this.#broken) return Promise.reject(this.#broken);
    const id = this.#count++;
    const asked = Promise.withResolvers<NonNullable<Answer['value']>>();
    this.#asked.set(id, asked);
    this.#worker.ref();
    this.#worker.postMessage({ id, task });
    return asked.promise;
  }

  async end(): Promise<void> {
    await this.#worker.terminate().catch(() => undefined);
  }

  #forget(id: number): void {
    this.#asked.delete(id);
    if (this.#asked.size === 0) this.#worker.unref();
  }

  #break(error: Error): void {
    this.#broken ??= error;
    for (const asked of this.#asked.values()) asked.reject(error);
    this.#asked.clear();
    this.#worker.unref();
  }
}

/** The file that a thread runs: beside this one as a source; in the bundle, where this code lies in any file of it, below its root. */
function entry(): URL {
  if (import.meta.url.endsWith('.ts')) return new URL('./slice-worker.ts', import.meta.url);
  const root = /\/chunks\/[^/]+$/.test(import.meta.url) ? '../' : './';
  return new URL(`${root}platform/slice-worker.js`, import.meta.url);
}
