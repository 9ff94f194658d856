import { z } from 'zod';
import { EXIT } from '../../../errors.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { eventDocument, eventText } from '../../render/data.ts';
import type { DataCommands, DeliveredEvent } from './contract.ts';

const WatchInput = z.object({
  topics: z.array(z.string()).default([]),
  from: z.string().default('HEAD'),
  latest: z.boolean().default(false),
  cursor: z.string().optional(),
  exec: z.string().optional(),
});

/**
 * `restage data watch [TOPIC…]`: a line for each event. With `--cursor`, an event is done when its line was printed;
 * with `--exec` too, when the program has ended with 0, and it comes again otherwise.
 */
export async function runDataWatch(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const { exec, ...request } = readInput(WatchInput, { ...parameters, ...options });
  const data = await context.engine.data();
  for await (const delivered of data.watch(request)) {
    context.printLine(eventDocument(delivered.event), eventText(delivered.event));
    // Only what has been handed over is done.
    await context.write(new Uint8Array());
    if (exec === undefined) await delivered.ack();
    else await consume(exec, delivered, data, context);
  }
  return EXIT.done;
}

async function consume(
  exec: string,
  delivered: DeliveredEvent,
  data: DataCommands,
  context: CommandContext,
): Promise<void> {
  const { event, attempt } = delivered;
  const { status, stdout, stderr } = await data.consume(exec, event);
  await context.write(stdout);
  if (status === 0) {
    await delivered.ack();
    return;
  }
  const last = stderr.trim().split('\n').at(-1) ?? '';
  context.say(`${exec} ended with ${status} for seq ${event.seq}, attempt ${attempt}${last && `: ${last}`}`);
  await delivered.nack();
}
