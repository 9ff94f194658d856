import { EXIT } from '../../../errors.ts';
import { StartRequest } from '../../../model/session-request.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { startNotes, startText } from '../../render/session.ts';

/** `restage session start UNIT…`, `--uri URI` or `-- ARGV…`. */
export async function runSessionStart(
  context: CommandContext,
  { parameters, options, rest }: CommandInput,
): Promise<number> {
  const request = readInput(StartRequest, { ...parameters, ...options, ...(rest && { argv: rest }) });
  const session = await context.engine.session();
  const report = await session.start({ ...request, directory: context.directory });
  for (const note of startNotes(report)) context.say(note);
  context.print(report, startText(report));
  return report.units.some(({ outcome }) => outcome === 'died') ? EXIT.someFailed : EXIT.done;
}
