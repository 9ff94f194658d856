import { z } from 'zod';
import { EXIT } from '../../../errors.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { streamsText } from '../../render/data.ts';

const ListInput = z.object({ prefix: z.string().default(''), at: z.string().optional() });

/** `restage data ls [PREFIX]`. */
export async function runDataLs(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const { prefix, at } = readInput(ListInput, { ...parameters, ...options });
  const data = await context.engine.data();
  const streams = await data.list(prefix, at);
  context.print({ schema: 'restage/streams/1', streams }, streamsText(streams));
  if (streams.length === 0) context.say(prefix === '' ? 'no stream yet' : `no stream below ${JSON.stringify(prefix)}`);
  return EXIT.done;
}
