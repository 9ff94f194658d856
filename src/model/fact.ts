import { z } from 'zod';

/**
 * How a captured fact was obtained: `observed` = measured now; `stamp` = read from a mark that matches a record of
 * ours; `assumed` = our record alone; `unknown` = nobody can say, and there is no value.
 */
export const How = z.enum(['observed', 'stamp', 'assumed', 'unknown']);

/** How a captured fact was obtained. */
export type How = z.infer<typeof How>;

/** The schema of a fact whose value has the given schema. An unknown one has no value and says why, as a code. */
export function factOf<Value extends z.ZodType>(value: Value) {
  return z.union([
    z.strictObject({ value, how: z.enum(['observed', 'stamp', 'assumed']) }),
    z.strictObject({ value: z.null(), how: z.literal('unknown'), why: z.string() }),
  ]);
}
