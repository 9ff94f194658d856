import type { Context } from '../../platform/context.ts';
import type { Store } from '../contract.ts';

/** What an engine may touch. */
export type StoreContext = Pick<
  Context,
  'files' | 'exec' | 'start' | 'clock' | 'random' | 'sliceWork' | 'host' | 'signal' | 'emit'
>;

/** Where and how a store is opened. */
export interface OpenStore {
  /** The directory of the store, such as `/work/exp/.restage`. */
  readonly directory: string;
  /** `create` makes the store when it is not there; `write` and `read` answer `workspace/missing`; `read` changes nothing. */
  readonly mode: 'create' | 'write' | 'read';
  /** Members up to this many bytes are git blobs; bigger ones go to the chunk plane. 32 KiB if absent. */
  readonly inline?: number;
}

/**
 * One way to keep a store. `open` leaves nothing behind when it rejects; an interrupted write of an earlier process
 * is finished or cleaned up by the next one that opens for writing.
 */
export interface StoreEngine {
  /** The word that stands in `store.json`. It never changes. */
  readonly id: string;
  /** One line for `restage doctor`. */
  readonly summary: string;
  open(options: OpenStore, context: StoreContext): Promise<Store>;
}

/** Returns its argument, checked. */
export function defineStoreEngine(engine: StoreEngine): StoreEngine {
  return engine;
}
