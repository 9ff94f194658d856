import type { Context } from '../platform/context.ts';
import type { Store } from '../store/contract.ts';
import type { StreamTable } from './streams.ts';

/** What the verbs of the data wing work on. */
export interface DataContext extends Pick<Context, 'files' | 'exec' | 'clock' | 'host' | 'signal' | 'variables'> {
  readonly store: Store;
  readonly streams: StreamTable;
}
