import { EXIT } from '../../../errors.ts';
import { ShowRequest } from '../../../model/session-request.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { flawText, showText } from '../../render/session.ts';

/** `restage session show [UNIT…]`: what is declared and what runs. */
export async function runSessionShow(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const request = readInput(ShowRequest, { ...parameters, ...options });
  const session = await context.engine.session();
  const report = await session.show(request);
  for (const flaw of report.flaws) context.say(flawText(flaw));
  context.print(report, showText(report));
  return EXIT.done;
}
