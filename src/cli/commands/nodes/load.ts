import { z } from 'zod';
import { EXIT } from '../../../errors.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { loadPlanText, loadText } from '../../render/nodes.ts';
import { countText } from '../../render/quantity.ts';
import { exitStatusOfResults } from './exit-status.ts';
import { chooseNodes } from './typed.ts';

const Options = z.object({
  // The image that is meant when none is named, as rhubarbe has it.
  image: z.string().default('default'),
  check: z.enum(['stamp', 'blocks', 'never']).default('stamp'),
});

/** `restage nodes load -i IMAGE SPEC`: shows what is overwritten, asks, and loads all nodes at once. */
export async function runNodesLoad(context: CommandContext, input: CommandInput): Promise<number> {
  const { image: name, check } = readInput(Options, input.options);
  const { nodes, names, limits } = await chooseNodes(context, input, 300);
  const options = { ...limits, check };
  const plan = await nodes.planLoad(names, name, options);
  if (context.flags.plan) {
    context.print({ schema: 'restage/nodes-plan/1', verb: 'load', nodes: plan }, loadPlanText(plan));
    return EXIT.done;
  }
  const wrong = plan.filter(({ isRight }) => !isRight).length;
  if (wrong > 0 && !context.flags.yes) {
    if (!context.flags.json) context.say(loadPlanText(plan));
    if (!(await context.confirm(`overwrite ${countText(wrong, 'disk')}?`))) return EXIT.refused;
  }
  const results = await nodes.load(names, name, options, ({ node, ok, code }) => {
    if (!context.flags.json) context.say(ok ? `${node} loaded` : `${node} ${code ?? 'failed'}`);
  });
  context.print({ schema: 'restage/nodes-load/1', image: name, nodes: results }, loadText(results));
  return exitStatusOfResults(results);
}
