import type { InventoryNode } from '../model/inventory.ts';
import type { NodeResult } from '../model/node.ts';
import type { Answer } from './answer.ts';
import { changeNodes, type Change } from './change.ts';
import type { NodesContext } from './context.ts';
import { nodesNamed } from './find-inventory.ts';
import type { Limits } from './look-commands.ts';
import type { Run } from './runs.ts';
import { resetPower, switchOutlet, switchPower } from './switch.ts';

/** What is done to a node's power. */
type PowerVerb = 'on' | 'off' | 'reset';

/** The commands that switch nodes and outlets. */
export function powerCommands(setup: NodesContext) {
  return {
    async power(
      names: readonly string[],
      verb: PowerVerb,
      { limitMs }: Limits,
      outlet?: string,
    ): Promise<readonly NodeResult[]> {
      const { nodes, inventory, context } = await nodesNamed(names, setup);
      return changeNodes(verb, nodes, inventory, limitMs, context, (node, run, bound) =>
        changePower(node, verb, outlet, run, bound),
      );
    },
  };
}

async function changePower(
  node: InventoryNode,
  verb: PowerVerb,
  outlet: string | undefined,
  run: Run,
  context: NodesContext,
): Promise<Answer<Change>> {
  if (outlet !== undefined && verb !== 'reset') {
    const names = outlet === 'all' ? Object.keys(node.outlets) : [outlet];
    let changed = false;
    for (const name of names) {
      const args = { outlet: name, to: verb };
      const answer = await run.perform(node.name, 'outlet', args, () => switchOutlet(node, name, verb, context));
      if (!answer.ok) return answer;
      changed ||= answer.value.changed;
    }
    return { ok: true, value: { outlets: Object.fromEntries(names.map((name) => [name, verb])), changed } };
  }
  if (verb === 'reset') {
    const answer = await run.perform(node.name, 'power', { to: 'reset' }, () => resetPower(node, context));
    return answer.ok ? { ok: true, value: { power: 'on', changed: true } } : answer;
  }
  const answer = await run.perform(node.name, 'power', { to: verb }, () => switchPower(node, verb, context));
  return answer.ok ? { ok: true, value: { power: verb, changed: answer.value.changed } } : answer;
}
