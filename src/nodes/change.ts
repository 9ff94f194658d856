import type { Inventory, InventoryNode } from '../model/inventory.ts';
import type { NodeResult } from '../model/node.ts';
import type { Answer } from './answer.ts';
import type { NodesContext } from './context.ts';
import { eachNode } from './each-node.ts';
import { releaseLock, takeLock } from './locks.ts';
import { openRun, sweepRuns, type Run } from './runs.ts';
import { lastRunPath, windowOf } from './select.ts';

/** What a change of one node answers beside whether it went well. */
export type Change = Omit<NodeResult, 'node' | 'ok' | 'code' | 'detail'>;

/** Changes one node; the node is locked meanwhile. */
export type ChangeNode = (node: InventoryNode, run: Run, context: NodesContext) => Promise<Answer<Change>>;

/**
 * Changes many nodes at once: what earlier runs left is swept, each node is locked, each effect journalled, and what
 * failed is remembered for `@failed`. A node that fails, or is locked by another run, holds nobody else.
 */
export async function changeNodes(
  verb: string,
  nodes: readonly InventoryNode[],
  inventory: Inventory,
  limitMs: number,
  context: NodesContext,
  change: ChangeNode,
  report: (result: NodeResult) => void = () => undefined,
): Promise<readonly NodeResult[]> {
  await sweepRuns(inventory, context);
  const run = await openRun(
    verb,
    nodes.map(({ name }) => name),
    context,
  );
  const results = await eachNode(
    nodes,
    { window: windowOf(context), limitMs },
    context,
    async (node, signal) => reported(await changeLocked(node, run, limitMs, { ...context, signal }, change), report),
    (node) => reported(lateResult(node, limitMs), report),
  );
  await run.end();
  await rememberFailed(results, context);
  return results;
}

/** What an answer means for a node. */
export function resultOf({ name }: InventoryNode, answer: Answer<Change>): NodeResult {
  if (answer.ok) return { node: name, ok: true, ...answer.value };
  const { code, detail } = answer;
  // What cannot be read is unknown: a failure never says off.
  return { node: name, ok: false, ...(code === 'power-unknown' && { power: 'unknown' as const }), code, detail };
}

/** The result of a node whose time was over. */
export function lateResult({ name }: InventoryNode, limitMs: number): NodeResult {
  return { node: name, ok: false, code: 'deadline-passed', detail: `it was not done in ${limitMs / 1000} s` };
}

/** Keeps which nodes failed, for `@failed`. */
export async function rememberFailed(results: readonly NodeResult[], context: NodesContext): Promise<void> {
  const failed = results.filter(({ ok }) => !ok).map(({ node }) => node);
  await context.files.write(lastRunPath(context), `${JSON.stringify({ failed })}\n`);
}

async function changeLocked(
  node: InventoryNode,
  run: Run,
  limitMs: number,
  context: NodesContext,
  change: ChangeNode,
): Promise<NodeResult> {
  const locked = await takeLock(node.name, run.id, limitMs, context);
  if (!locked.ok) return resultOf(node, locked);
  try {
    return resultOf(node, await change(node, run, context));
  } finally {
    await releaseLock(node.name, run.id, context);
  }
}

function reported(result: NodeResult, report: (result: NodeResult) => void): NodeResult {
  report(result);
  return result;
}
