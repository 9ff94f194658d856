import { RestageError } from '../../../errors.ts';
import type { NodeResult } from '../../../model/node.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { parseDuration } from '../../../model/duration.ts';
import { waitLine } from '../../render/nodes.ts';
import { exitStatusOfResults } from './exit-status.ts';
import { chooseNodes } from './typed.ts';

const BACKOFF_MS = 3000;

/** `restage nodes wait SPEC`: a line for each node as soon as it answers, or when its time is over. */
export async function runNodesWait(context: CommandContext, input: CommandInput): Promise<number> {
  const { nodes, names, limits } = await chooseNodes(context, input, 300);
  const { backoff, silent } = input.options;
  const backoffMs = typeof backoff === 'string' ? parseDuration(backoff) : BACKOFF_MS;
  if (backoffMs === undefined) throw new RestageError('cli/usage', `${JSON.stringify(backoff)} is no time span`);
  const report = (result: NodeResult) => {
    if (silent !== true) context.printLine({ schema: 'restage/nodes-wait/1', ...result }, waitLine(result));
  };
  return exitStatusOfResults(await nodes.wait(names, limits, backoffMs, report));
}
