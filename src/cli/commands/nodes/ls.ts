import { EXIT } from '../../../errors.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { nodeRowsText } from '../../render/nodes.ts';
import { chooseNodes } from './typed.ts';

/** `restage nodes ls [SPEC]`: the names of nodes, or with `--long` what the inventory says of them. */
export async function runNodesLs(context: CommandContext, input: CommandInput): Promise<number> {
  const { selected } = await chooseNodes(context, input, 10, 'all');
  const { inventory, nodes } = selected;
  const isLong = input.options['long'] === true;
  const text = isLong ? nodeRowsText(nodes) : nodes.map(({ name }) => name).join('\n');
  context.print({ schema: 'restage/nodes-ls/1', inventory, nodes }, text);
  return EXIT.done;
}
