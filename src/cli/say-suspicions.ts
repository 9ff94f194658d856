import { z } from 'zod';
import { RestageError } from '../errors.ts';
import type { CommandContext } from './command.ts';

const Suspicions = z.array(z.object({ layer: z.string(), where: z.string(), why: z.string() }));

/** Does work that may be refused for secrets, and then says each place: the message has room for the first alone. */
export async function sayingSuspicions<Result>(
  { say }: Pick<CommandContext, 'say'>,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RestageError && error.code === 'snapshot/secret') {
      const found = Suspicions.safeParse(error.details['suspicions']);
      for (const { layer, where, why } of found.data ?? []) say(`secret? ${layer} ${where} ${why}`);
    }
    throw error;
  }
}
