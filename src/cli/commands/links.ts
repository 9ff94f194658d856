import { join, resolve } from 'node:path';
import { EXIT } from '../../errors.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { LINK_NAMES } from '../program-names.ts';

/** `restage links [DIR]`: makes the other names of the program. What is there stays as it is. */
export async function runLinks(context: CommandContext, { parameters }: CommandInput): Promise<number> {
  const general = await context.engine.general();
  const typed = parameters['directory'];
  const directory = typeof typed === 'string' ? resolve(context.directory, typed) : await general.programDirectory();
  if (context.flags.plan) {
    context.print({ schema: 'restage/links/1', directory, names: LINK_NAMES }, LINK_NAMES.join('\n'));
    return EXIT.done;
  }
  const links: { name: string; result: 'made' | 'present' | 'taken' }[] = [];
  for (const name of LINK_NAMES) {
    context.signal.throwIfAborted();
    links.push({ name, result: await general.link(join(directory, name)) });
  }
  const taken = links.filter(({ result }) => result === 'taken');
  for (const { name } of taken) context.say(`restage: ${join(directory, name)} is something else and stays as it is`);
  const made = links.filter(({ result }) => result === 'made').length;
  context.print(
    { schema: 'restage/links/1', directory, links },
    `${made} links made in ${directory}, ${links.length - made - taken.length} were there`,
  );
  return taken.length === 0 ? EXIT.done : EXIT.someFailed;
}
