import { z } from 'zod';
import { EXIT } from '../../../errors.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { comparisonText } from '../../render/data.ts';

const DiffInput = z.object({ stream: z.string(), other: z.string().optional(), stat: z.boolean().default(false) });

/** `restage data diff A [B]`: 1 when they differ. */
export async function runDataDiff(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const { stream, other, stat } = readInput(DiffInput, { ...parameters, ...options });
  const data = await context.engine.data();
  const compared = await data.diff(stream, other);
  context.print({ schema: 'restage/stream-diff/1', ...compared }, comparisonText(compared, stat));
  return compared.isEqual ? EXIT.done : EXIT.someFailed;
}
