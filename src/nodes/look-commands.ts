import type { InventoryNode } from '../model/inventory.ts';
import type { NodeResult } from '../model/node.ts';
import { lateResult, rememberFailed, resultOf } from './change.ts';
import type { NodesContext } from './context.ts';
import { nodesChecks } from './doctor.ts';
import { eachNode } from './each-node.ts';
import { nodesNamed, openTestbed } from './find-inventory.ts';
import { waitForRemote } from './remote-facts.ts';
import { resolveSelection, windowOf, type SelectRequest } from './select.ts';
import { readInfo, readOutlet, readPower } from './switch.ts';

/** How long one node may take, in ms. */
export interface Limits {
  readonly limitMs: number;
}

/** The commands that change nothing. */
export function lookCommands(setup: NodesContext) {
  return {
    async select(typed: SelectRequest) {
      const { inventory, context } = await openTestbed(setup);
      const { nodes, warnings } = await resolveSelection(typed, inventory, context);
      return {
        inventory: inventory.origin,
        warnings,
        nodes: nodes.map(({ name, number, control: { host, mac }, power, agent }) => ({
          ...{ name, number, host, mac, agent },
          power: power.map(({ driver, host: card }) => `${driver} ${card}`).join(', '),
        })),
      };
    },

    async status(names: readonly string[], limits: Limits, outlet?: string): Promise<readonly NodeResult[]> {
      const { nodes, context } = await nodesNamed(names, setup);
      return look(nodes, limits, context, (node, bound) => statusOf(node, outlet, bound));
    },

    async info(names: readonly string[], limits: Limits): Promise<readonly NodeResult[]> {
      const { nodes, context } = await nodesNamed(names, setup);
      return look(nodes, limits, context, async (node, bound) => {
        const answer = await readInfo(node, bound);
        return resultOf(node, answer.ok ? { ok: true, value: { text: answer.value.trimEnd() } } : answer);
      });
    },

    async wait(
      names: readonly string[],
      { limitMs }: Limits,
      backoffMs: number,
      report: (result: NodeResult) => void,
    ): Promise<readonly NodeResult[]> {
      const { nodes, context } = await nodesNamed(names, setup);
      // Uneven pauses, so that hundreds of nodes are not asked at the same instants.
      const pause = () => backoffMs * (0.5 + Number.parseInt(context.random.hex(1), 16) / 255);
      const results = await eachNode(
        nodes,
        { window: nodes.length, limitMs: limitMs + backoffMs },
        context,
        async (node, signal) => {
          const answer = await waitForRemote(node, limitMs, pause, { ...context, signal });
          const result = resultOf(node, answer.ok ? { ok: true, value: {} } : answer);
          report(result);
          return result;
        },
        (node) => lateResult(node, limitMs),
      );
      await rememberFailed(results, context);
      return results;
    },

    checks: () => nodesChecks(setup),
  };
}

async function look(
  nodes: readonly InventoryNode[],
  { limitMs }: Limits,
  context: NodesContext,
  read: (node: InventoryNode, context: NodesContext) => Promise<NodeResult>,
): Promise<readonly NodeResult[]> {
  return eachNode(
    nodes,
    { window: windowOf(context), limitMs },
    context,
    (node, signal) => read(node, { ...context, signal }),
    (node) => ({ ...lateResult(node, limitMs), power: 'unknown' }),
  );
}

async function statusOf(node: InventoryNode, outlet: string | undefined, context: NodesContext): Promise<NodeResult> {
  const names = outlet === undefined ? [] : outlet === 'all' ? Object.keys(node.outlets) : [outlet];
  const [power, ...states] = await Promise.all([
    readPower(node, context),
    ...names.map((name) => readOutlet(node, name, context)),
  ]);
  const failed = [power, ...states].find((answer) => !answer.ok);
  const outlets = Object.fromEntries(
    names.map((name, index) => {
      const state = states[index];
      return [name, state?.ok === true ? state.value : ('unknown' as const)];
    }),
  );
  return {
    ...resultOf(node, failed ?? { ok: true, value: {} }),
    power: power.ok ? power.value : 'unknown',
    ...(names.length > 0 && { outlets }),
  };
}
