import { resolve } from 'node:path';
import { z } from 'zod';
import { EXIT } from '../../errors.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { readInput } from '../read-input.ts';

const port = z
  .string()
  .regex(/^\d{1,5}$/, 'is no port, which is a number up to 65535')
  .transform(Number)
  .refine((number) => number <= 65_535, 'is no port, which is a number up to 65535');
const ServeInput = z.object({
  dir: z.string().optional(),
  repPort: port.prefault('5000'),
  pubPort: port.prefault('5100'),
  bind: z.string().default('127.0.0.1'),
  oneFrame: z.boolean().default(false),
});

/** `restage serve`: runs until it is interrupted, answers what is in flight, and ends with 0. */
export async function runServe(context: CommandContext, { options }: CommandInput): Promise<number> {
  const { dir, ...request } = readInput(ServeInput, options);
  const directory = dir === undefined ? undefined : resolve(context.directory, dir);
  const data = await context.engine.data({ serves: true, ...(directory !== undefined && { directory }) });
  const service = await data.serve({ ...request, report: context.say });
  const { repPort, pubPort } = service;
  context.say(`serving requests on tcp://${request.bind}:${repPort}, events on tcp://${request.bind}:${pubPort}`);
  const stop = () => {
    void service.stop();
  };
  context.signal.addEventListener('abort', stop, { once: true });
  if (context.signal.aborted) stop();
  await service.ended;
  return EXIT.done;
}
