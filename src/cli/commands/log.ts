import { z } from 'zod';
import { EXIT } from '../../errors.ts';
import { logSaves } from '../../snapshot/log.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { logText } from '../render/report.ts';
import { readInput } from '../read-input.ts';
import { openSnapshots, readOptionalText } from '../snapshot-input.ts';

const DEFAULT_LIMIT = 20;

/** `restage log [SNAPSHOT]`. */
export async function runLog(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const snapshot = readOptionalText(parameters['snapshot']);
  const limit = readInput(z.coerce.number().int().positive().default(DEFAULT_LIMIT), options['limit']);
  const log = await logSaves({ snapshot, limit }, await openSnapshots(context, 'read'));
  context.print(log, logText(log));
  return EXIT.done;
}
