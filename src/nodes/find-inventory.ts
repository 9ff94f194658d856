import { dirname, join, resolve } from 'node:path';
import { RestageError } from '../errors.ts';
import type { Inventory, InventoryNode } from '../model/inventory.ts';
import { labDirectory, type NodesContext, type NodesSetup } from './context.ts';
import { parseInventory } from './inventory.ts';

/** Where an inventory is looked for after the configuration: ours, then rhubarbe's. */
const SITE_PATHS = [
  '/etc/restage/inventory.yaml',
  '/etc/rhubarbe/inventory.json',
  '/etc/rhubarbe/inventory-nodes.json',
];

/** Where the state of a testbed lies that several users share. */
const SHARED_STATE = '/var/lib/restage/nodes';

/** What is needed to find an inventory. */
export type InventoryContext = Pick<NodesSetup, 'files' | 'directory' | 'nodesState' | 'configuration'>;

/**
 * The places where an inventory may lie, the first that is there wins: the lab that is up, `nodes.inventory`, the
 * working directory, the workspace, `/etc/restage`, `testbed.inventory_path`, rhubarbe's own paths.
 */
export function inventoryPaths(context: InventoryContext): readonly string[] {
  const { directory, configuration } = context;
  const configured = configuration.get('nodes', 'inventory');
  const rhubarbe = configuration.get('testbed', 'inventory_path');
  const [ours, ...theirs] = SITE_PATHS;
  const paths = [
    join(labDirectory(context), 'inventory.yaml'),
    configured && resolve(directory, configured),
    join(directory, 'inventory.yaml'),
    join(dirname(dirname(context.nodesState)), 'inventory.yaml'),
    ours,
    rhubarbe && resolve(directory, rhubarbe),
    ...theirs,
  ];
  // The working directory is often the workspace.
  return [...new Set(paths.filter((path): path is string => path !== undefined && path !== ''))];
}

/** The inventory in force, or `undefined` if there is none. Throws what `parseInventory` does. */
export async function findInventory(context: InventoryContext): Promise<Inventory | undefined> {
  for (const path of inventoryPaths(context)) {
    const text = await context.files.readIfExists(path);
    if (text !== undefined) return parseInventory(text, path);
  }
  return undefined;
}

/** The inventory in force; `inventory/missing` if there is none. */
export async function requireInventory(context: InventoryContext): Promise<Inventory> {
  const found = await findInventory(context);
  if (found) return found;
  throw new RestageError('inventory/missing', 'there is no inventory of nodes', {
    details: { paths: inventoryPaths(context) },
  });
}

/** The inventory in force, and the context whose state goes with it: that of a shared testbed is shared too. */
export interface OpenTestbed {
  readonly inventory: Inventory;
  readonly context: NodesContext;
}

/** Finds the inventory; locks, journals and load records of one under `/etc` lie in one place for all users. */
export async function openTestbed(context: NodesContext): Promise<OpenTestbed> {
  const inventory = await requireInventory(context);
  const configured = context.configuration.get('nodes', 'state');
  const shared = inventory.origin.startsWith('/etc/') ? SHARED_STATE : undefined;
  const isLab = inventory.origin.startsWith(`${labDirectory(context)}/`);
  const nodesState = isLab ? undefined : ((configured && resolve(context.directory, configured)) ?? shared);
  return { inventory, context: nodesState === undefined ? context : { ...context, nodesState } };
}

/** The nodes with the given names, ascending by number, with their testbed. */
export async function nodesNamed(
  names: readonly string[],
  context: NodesContext,
): Promise<OpenTestbed & { readonly nodes: readonly InventoryNode[] }> {
  const testbed = await openTestbed(context);
  const wanted = new Set(names);
  return { ...testbed, nodes: testbed.inventory.nodes.filter(({ name }) => wanted.has(name)) };
}
