import { EXIT } from '../../errors.ts';
import { share } from '../../snapshot/share.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { sharedText } from '../render/report.ts';
import { openSnapshots, readText } from '../snapshot-input.ts';

/** `restage share SNAPSHOT`. */
export async function runShare(context: CommandContext, { parameters }: CommandInput): Promise<number> {
  const shared = await share(readText(parameters['snapshot']), await openSnapshots(context, 'read'));
  context.print(shared, sharedText(shared));
  return EXIT.done;
}
