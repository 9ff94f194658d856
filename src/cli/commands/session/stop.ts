import { EXIT } from '../../../errors.ts';
import { StopRequest } from '../../../model/session-request.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { stopText } from '../../render/session.ts';

/** `restage session stop UNIT…` or `--all`: ends units with all that belongs to them. */
export async function runSessionStop(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const request = readInput(StopRequest, { ...parameters, ...options });
  const session = await context.engine.session();
  const report = await session.stop(request);
  context.print(report, stopText(report));
  return EXIT.done;
}
