import type { InventoryNode } from '../model/inventory.ts';
import { inParallel } from '../model/in-parallel.ts';
import { within, type TimeContext } from './within.ts';

/** How many nodes are worked on at once, and how long each may take, in ms. */
export interface EachNodeOptions {
  readonly window: number;
  readonly limitMs: number;
}

/**
 * Works on many nodes at once; a node that is slow or dead holds nobody else, and none longer than its limit.
 *
 * @param work - must answer for what can go wrong with a node; its signal aborts at the node's limit
 * @param late - the answer for a node whose time was over
 * @returns the answers in the order of the nodes
 * @throws the reason of the context's signal once that aborts, and what `work` throws; after all work has ended
 */
export async function eachNode<Value>(
  nodes: readonly InventoryNode[],
  { window, limitMs }: EachNodeOptions,
  context: TimeContext,
  work: (node: InventoryNode, signal: AbortSignal) => Promise<Value>,
  late: (node: InventoryNode) => Value,
): Promise<Value[]> {
  return inParallel(nodes, window, async (node) => {
    const result = await within(limitMs, context, async (signal) => ({ value: await work(node, signal) }));
    return result ? result.value : late(node);
  });
}
