import { join } from 'node:path';
import type { Configuration } from '../model/config.ts';
import type { Context } from '../platform/context.ts';
import type { Daemons } from '../platform/daemon.ts';
import type { Store } from '../store/contract.ts';
import type { Journals } from '../store/journal.ts';
import type { AgentDriver } from './agent/contract.ts';
import { agentDrivers } from './agent/list.ts';
import type { BootDriver } from './boot/contract.ts';
import { bootDrivers } from './boot/list.ts';
import type { PowerDriver } from './power/contract.ts';
import { powerDrivers } from './power/list.ts';
import type { RemoteDriver } from './remote/contract.ts';
import { remoteDrivers } from './remote/list.ts';

/** What the nodes wing works on: the effects, the workspace, and its drivers. */
export interface NodesContext extends NodesSetup, NodesDrivers {
  readonly signal: AbortSignal;
}

/** The drivers of the wing. */
export interface NodesDrivers {
  readonly powerDrivers: readonly PowerDriver[];
  readonly remoteDrivers: readonly RemoteDriver[];
  readonly bootDrivers: readonly BootDriver[];
  readonly agentDrivers: readonly AgentDriver[];
}

/** What `main.ts` hands to the wing. */
export interface NodesSetup extends Context {
  /** The working directory of the command. */
  readonly directory: string;
  /** Where the wing keeps its state: `.restage/nodes`, or that of the user where there is no workspace. */
  readonly nodesState: string;
  readonly configuration: Configuration;
  readonly journals: Journals;
  /** Opens the store when it is first needed: power alone needs none. */
  readonly store: () => Promise<Store>;
  readonly ownerState: Daemons['state'];
}

/** The drivers that restage ships. */
export const SHIPPED_DRIVERS: NodesDrivers = { powerDrivers, remoteDrivers, bootDrivers, agentDrivers };

/** Where the lab of a workspace lies. */
export function labDirectory({ nodesState }: Pick<NodesSetup, 'nodesState'>): string {
  return join(nodesState, 'lab');
}
