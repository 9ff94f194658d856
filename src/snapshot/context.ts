import type { Configuration } from '../model/config.ts';
import type { Context } from '../platform/context.ts';
import type { ProcessIdentity } from '../platform/host.ts';
import type { Store } from '../store/contract.ts';
import type { Journals } from '../store/journal.ts';
import type { Layer } from './layer.ts';

/** What the verbs of the hall work on: one workspace, its store, the layers in the order of `LAYER_KINDS`. */
export interface SnapshotContext extends Context {
  /** The directory that holds `.restage/`, absolute. */
  readonly workspace: string;
  /** `.restage/` itself. */
  readonly state: string;
  /** The working directory of the command: where `NAME.snap` files are looked for first and written. */
  readonly directory: string;
  /** Where the user's own snapshots lie, and the public ones; looked at in this order after the working directory. */
  readonly libraries: { readonly user: string; readonly public: string };
  readonly configuration: Configuration;
  readonly store: Store;
  readonly layers: readonly Layer[];
  /** Opens a write-ahead journal and reads one; from `store/journal.ts`. */
  readonly journals: Journals;
  /** Whether the process that wrote a record still lives; `ownerState` of `platform/host.ts`, bound to this host. */
  readonly ownerState: (owner: ProcessIdentity) => 'alive' | 'gone' | 'elsewhere';
  /** Opens another store, such as the public one. Who opens closes. */
  readonly openStore: (directory: string, mode: 'create' | 'write' | 'read') => Promise<Store>;
}
