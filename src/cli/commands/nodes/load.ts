import { EXIT } from '../../../errors.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { loadPlanText, loadText } from '../../render/nodes.ts';
import { exitStatusOfResults } from './exit-status.ts';
import { chooseNodes } from './typed.ts';

/** The image that is meant when none is named, as rhubarbe has it. */
const USUAL_IMAGE = 'default';

/** `restage nodes load -i IMAGE SPEC`: shows what is overwritten, asks, and loads all nodes at once. */
export async function runNodesLoad(context: CommandContext, input: CommandInput): Promise<number> {
  const { image } = input.options;
  const name = typeof image === 'string' ? image : USUAL_IMAGE;
  const { nodes, names, limits } = await chooseNodes(context, input, 300);
  const plan = await nodes.planLoad(names, name, limits);
  if (context.flags.plan) {
    context.print({ schema: 'restage/nodes-plan/1', verb: 'load', nodes: plan }, loadPlanText(plan));
    return EXIT.done;
  }
  if (!context.flags.yes) context.say(loadPlanText(plan));
  if (!(await context.confirm(`overwrite the disk of ${names.length === 1 ? 'this node' : 'these nodes'}?`))) {
    return EXIT.refused;
  }
  const results = await nodes.load(names, name, limits, ({ node, ok, code }) => {
    context.say(ok ? `${node} loaded` : `${node} ${code ?? 'failed'}`);
  });
  context.print({ schema: 'restage/nodes-load/1', image: name, nodes: results }, loadText(results));
  return exitStatusOfResults(results);
}
