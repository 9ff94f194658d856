import { z } from 'zod';
import { EXIT, RestageError } from '../../../errors.ts';
import { parseDuration } from '../../../model/duration.ts';
import { parseTime } from '../../../model/time.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { eventDocument, streamLogText } from '../../render/data.ts';

const count = z
  .string()
  .regex(/^[1-9]\d{0,14}$/, 'is no number, from 1 on')
  .transform(Number);
const LogInput = z.object({
  stream: z.string().optional(),
  from: count.optional(),
  since: z.string().optional(),
  limit: count.prefault('20'),
  inputs: z.boolean().default(false),
});

/** `restage data log [STREAM]`: newest first. */
export async function runDataLog(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const input = readInput(LogInput, { ...parameters, ...options });
  const { stream, from, limit, inputs } = input;
  const since = input.since === undefined ? undefined : readSince(input.since, context.now());
  const data = await context.engine.data();
  const events = await data.log({ stream, from, since, limit });
  context.print(
    { schema: 'restage/stream-log/1', events: events.map(eventDocument) },
    streamLogText(events, { inputs }),
  );
  if (events.length === 0) context.say('nothing was put');
  return EXIT.done;
}

/** Reads a time, or a duration before now, as ms since the epoch. */
export function readSince(text: string, now: number): number {
  const time = parseTime(text);
  if (time !== undefined) return time;
  const duration = parseDuration(text.replace(/^\{(.*) ago\}$/, '$1'));
  if (duration !== undefined) return now - duration;
  throw new RestageError('cli/usage', `--since ${text} is no time`, {
    hint: 'Write 2026-11-20, 2026-11-20T09:14 or 2h',
  });
}
