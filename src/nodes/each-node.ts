import type { InventoryNode } from '../model/inventory.ts';
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
  const waiting = nodes.entries();
  const values: Value[] = [];
  const worker = async () => {
    for (const [index, node] of waiting) {
      const result = await within(limitMs, context, async (signal) => ({ value: await work(node, signal) }));
      values[index] = result ? result.value : late(node);
    }
  };
  const workers = Array.from({ length: Math.min(window, nodes.length) }, worker);
  const ends = await Promise.allSettled(workers);
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return values;
}
