import { EXIT } from '../../errors.ts';
import { share } from '../../snapshot/share.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { sharedText } from '../render/report.ts';
import { sayingSuspicions } from '../say-suspicions.ts';
import { openSnapshots, readText } from '../snapshot-input.ts';

/** `restage share SNAPSHOT`. */
export async function runShare(context: CommandContext, { parameters }: CommandInput): Promise<number> {
  const snapshots = await openSnapshots(context, 'read');
  const shared = await sayingSuspicions(context, () => share(readText(parameters['snapshot']), snapshots));
  context.print(shared, sharedText(shared));
  return EXIT.done;
}
