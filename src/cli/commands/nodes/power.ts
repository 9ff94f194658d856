import { EXIT } from '../../../errors.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { powerPlanText, powerText } from '../../render/nodes.ts';
import type { PowerVerb } from './contract.ts';
import { exitStatusOfResults } from './exit-status.ts';
import { chooseNodes } from './typed.ts';

/** `restage nodes on SPEC`: switches on what is off; nobody is asked, since nobody loses anything. */
export async function runNodesOn(context: CommandContext, input: CommandInput): Promise<number> {
  return runPower('on', context, input);
}

/** `restage nodes off SPEC`: asks, and switches off. */
export async function runNodesOff(context: CommandContext, input: CommandInput): Promise<number> {
  return runPower('off', context, input);
}

/** `restage nodes reset SPEC`: asks, and starts again. */
export async function runNodesReset(context: CommandContext, input: CommandInput): Promise<number> {
  return runPower('reset', context, input);
}

async function runPower(verb: PowerVerb, context: CommandContext, input: CommandInput): Promise<number> {
  const { nodes, names, limits, outlet } = await chooseNodes(context, input, 60);
  const question = powerPlanText(verb, names, outlet);
  if (context.flags.plan) {
    context.print({ schema: 'restage/nodes-plan/1', verb, nodes: names, ...(outlet && { outlet }) }, question);
    return EXIT.done;
  }
  if (verb !== 'on' && !(await context.confirm(`${question}?`))) return EXIT.refused;
  const results = await nodes.power(names, verb, limits, outlet);
  context.print({ schema: `restage/nodes-${verb}/1`, nodes: results }, powerText(verb, results));
  return exitStatusOfResults(results);
}
