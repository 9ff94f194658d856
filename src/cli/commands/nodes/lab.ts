import { z } from 'zod';
import { EXIT } from '../../../errors.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { labStateText, labUpText } from '../../render/nodes.ts';

const Up = z.object({
  parameters: z.object({ count: z.coerce.number('count is no number').int().optional() }),
  options: z.object({ image: z.string().optional(), faults: z.string().optional() }),
});
const Serve = z.object({ parameters: z.object({ directory: z.string() }) });

/** `restage nodes lab up [N]`: makes a lab, or brings it back as it was. */
export async function runLabUp(context: CommandContext, input: CommandInput): Promise<number> {
  const { parameters, options } = readInput(Up, input);
  const nodes = await context.engine.nodes();
  const lab = await nodes.labUp({ count: parameters.count, image: options.image, faults: options.faults });
  context.print({ schema: 'restage/lab/1', ...lab }, labUpText(lab));
  return EXIT.done;
}

/** `restage nodes lab down`: ends it and removes it. */
export async function runLabDown(context: CommandContext): Promise<number> {
  const nodes = await context.engine.nodes();
  const { wasUp } = await nodes.labDown();
  context.print({ schema: 'restage/lab-down/1', wasUp }, wasUp ? 'the lab is gone' : 'there was no lab');
  return EXIT.done;
}

/** `restage nodes lab ls`: 0 if a lab is up, 1 if none is. */
export async function runLabLs(context: CommandContext): Promise<number> {
  const nodes = await context.engine.nodes();
  const lab = await nodes.labState();
  context.print({ schema: 'restage/lab/1', lab: lab ?? null }, lab ? labStateText(lab) : 'there is no lab');
  return lab?.process === 'alive' ? EXIT.done : EXIT.someFailed;
}

/** `restage nodes lab serve DIRECTORY`: the process of a lab. */
export async function runLabServe(context: CommandContext, input: CommandInput): Promise<number> {
  const nodes = await context.engine.nodes();
  await nodes.labServe(readInput(Serve, input).parameters.directory);
  return EXIT.done;
}
