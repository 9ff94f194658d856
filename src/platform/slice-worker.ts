/** What runs in each thread of `workers.ts`: answers tasks one after the other. Imported by nothing. */
import { createHash, type Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { namesOfSlices, packSlices, unpackSlices } from '../model/slices.ts';
import type { Answer, Task } from './workers.ts';

const digests = new Map<number, Hash>();

parentPort?.on('message', ({ id, task }: { id: number; task: Task }) => {
  try {
    const value = perform(task);
    const transfer = transferable(value);
    parentPort?.postMessage({ id, value } satisfies Answer, transfer);
  } catch (error) {
    parentPort?.postMessage({ id, error: String(error) } satisfies Answer);
  }
});

function perform(task: Task): NonNullable<Answer['value']> {
  switch (task.do) {
    case 'names':
      return { names: namesOfSlices(task.bytes, task.ends) };
    case 'pack':
      return { table: packSlices(task.bytes, task.ranges, task.target, task.options) };
    case 'unpack':
      return unpackSlices(task.bytes, task.slices);
    case 'update': {
      const hash = digests.get(task.digester) ?? createHash('sha256');
      digests.set(task.digester, hash.update(task.bytes));
      return {};
    }
    case 'digest': {
      const hash = digests.get(task.digester) ?? createHash('sha256');
      digests.delete(task.digester);
      return { names: Uint8Array.from(hash.digest()) };
    }
  }
}

/** The memory of an answer changes hands: it is not copied. */
function transferable(value: NonNullable<Answer['value']>): ArrayBuffer[] {
  return Object.values(value)
    .filter((part) => part instanceof Uint8Array || part instanceof Uint32Array)
    .map((part) => part.buffer)
    .filter((buffer) => buffer instanceof ArrayBuffer);
}
