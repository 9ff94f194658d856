import { RestageError } from '../errors.ts';
import type { InventoryNode } from '../model/inventory.ts';
import type { NodesContext } from './context.ts';
import { findInventory, inventoryPaths } from './find-inventory.ts';

/** One thing of the nodes that may work here or not; as `restage doctor` has it. */
export interface NodesCheck {
  readonly area: 'nodes';
  readonly id: string;
  readonly summary: string;
  readonly remedy?: string;
  /** Never throws. */
  probe(): Promise<NodesCheckResult>;
}

/** What a check found. */
export type NodesCheckResult =
  { readonly available: true; readonly note?: string } | { readonly available: false; readonly reason: string };

/** What `restage doctor` and `nodes doctor` look at: the inventory, and the drivers that it names. Changes nothing. */
export function nodesChecks(context: NodesContext): readonly NodesCheck[] {
  const drivers = (kind: string, list: readonly { readonly id: string }[], used: (node: InventoryNode) => string[]) =>
    driverCheck(kind, new Set(list.map(({ id }) => id)), used, context);
  return [
    {
      ...{ area: 'nodes', id: 'inventory', summary: 'the list of nodes' },
      remedy: 'restage nodes lab up',
      probe: () => probeInventory(context),
    },
    drivers('power', context.powerDrivers, ({ power, outlets }) =>
      [...power, ...Object.values(outlets)].map(({ driver }) => driver),
    ),
    drivers('ssh', context.remoteDrivers, ({ ssh }) => [ssh.driver]),
    drivers('agent', context.agentDrivers, ({ agent }) => [agent]),
    drivers('boot', context.bootDrivers, ({ boot }) => boot.map(({ driver }) => driver)),
  ];
}

async function probeInventory(context: NodesContext): Promise<NodesCheckResult> {
  try {
    const inventory = await findInventory(context);
    if (!inventory) return { available: false, reason: `none of ${inventoryPaths(context).join(', ')}` };
    return { available: true, note: `${inventory.nodes.length} nodes in ${inventory.origin}` };
  } catch (error) {
    if (error instanceof RestageError) return { available: false, reason: error.message };
    throw error;
  }
}

function driverCheck(
  kind: string,
  known: ReadonlySet<string>,
  used: (node: InventoryNode) => string[],
  context: NodesContext,
): NodesCheck {
  return {
    ...{ area: 'nodes', id: kind, summary: `drivers of the inventory: ${kind}` },
    async probe() {
      const inventory = await findInventory(context).catch(() => undefined);
      const ids = [...new Set(inventory?.nodes.flatMap(used))].sort();
      const missing = ids.filter((id) => !known.has(id));
      if (missing.length > 0) return { available: false, reason: `this restage has no ${missing.join(', ')}` };
      return { available: true, note: ids.join(', ') };
    },
  };
}
