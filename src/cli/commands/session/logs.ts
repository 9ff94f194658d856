import { EXIT } from '../../../errors.ts';
import { LogsRequest } from '../../../model/session-request.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { logLineText } from '../../render/session.ts';

/** `restage session logs UNIT…`: the last lines that units printed; `--follow` goes on until Ctrl-C. */
export async function runSessionLogs(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const request = readInput(LogsRequest, { ...parameters, ...options });
  const session = await context.engine.session();
  const hasPrefix = request.units.length > 1 || /[*?]/.test(request.units[0] ?? '');
  for await (const line of session.logs(request))
    context.printLine({ schema: 'restage/session-log/1', ...line }, logLineText(line, hasPrefix));
  return EXIT.done;
}
