import { EXIT } from '../../../errors.ts';
import { z } from 'zod';
import type { CommandContext, CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { imagesText } from '../../render/nodes.ts';

const Words = z.object({ parameters: z.object({ words: z.array(z.string()).default([]) }) });
const One = z.object({ parameters: z.object({ image: z.string() }) });

/** `restage nodes images [WORD…]`: the images whose name has one of the words. */
export async function runNodesImages(context: CommandContext, input: CommandInput): Promise<number> {
  const { words } = readInput(Words, input).parameters;
  const nodes = await context.engine.nodes();
  const all = await nodes.images();
  const images = words.length === 0 ? all : all.filter(({ name }) => words.some((word) => name.includes(word)));
  context.print({ schema: 'restage/nodes-images/1', images }, imagesText(images, context.now()));
  return EXIT.done;
}

/** `restage nodes resolve IMAGE`: the id of an image. */
export async function runNodesResolve(context: CommandContext, input: CommandInput): Promise<number> {
  const nodes = await context.engine.nodes();
  const image = await nodes.resolve(readInput(One, input).parameters.image);
  context.print({ schema: 'restage/nodes-resolve/1', ...image }, `${image.name} ${image.image}`);
  return EXIT.done;
}
