import { EXIT } from '../../errors.ts';
import { listSnapshots } from '../../snapshot/list.ts';
import type { CommandContext } from '../command.ts';
import { listText } from '../render/report.ts';
import { openSnapshots } from '../snapshot-input.ts';

/** `restage list`. */
export async function runList(context: CommandContext): Promise<number> {
  const list = await listSnapshots(await openSnapshots(context, 'read'));
  context.print(list, listText(list, context.now()));
  return EXIT.done;
}
