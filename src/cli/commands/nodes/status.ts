import type { CommandContext, CommandInput } from '../../command.ts';
import { infoText, statusText } from '../../render/nodes.ts';
import { exitStatusOfResults } from './exit-status.ts';
import { chooseNodes } from './typed.ts';

/** `restage nodes status SPEC`: what the cards say, each node on its own line. */
export async function runNodesStatus(context: CommandContext, input: CommandInput): Promise<number> {
  const { nodes, names, limits, outlet } = await chooseNodes(context, input, 10);
  const results = await nodes.status(names, limits, outlet);
  context.print({ schema: 'restage/nodes-status/1', nodes: results }, statusText(results));
  return exitStatusOfResults(results);
}

/** `restage nodes info SPEC`: what the cards say about themselves. */
export async function runNodesInfo(context: CommandContext, input: CommandInput): Promise<number> {
  const { nodes, names, limits } = await chooseNodes(context, input, 10);
  const results = await nodes.info(names, limits);
  context.print({ schema: 'restage/nodes-info/1', nodes: results }, infoText(results));
  return exitStatusOfResults(results);
}
