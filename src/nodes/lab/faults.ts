import { z } from 'zod';

/** What is wrong with a node of the lab. */
export const Fault = z.strictObject({
  /**
   * The card: `dead` closes the connection, `hang` never answers, `html` and `error` answer a page and status 500, `lie`
   * says the opposite, `stuck` accepts and does nothing, `slow` takes a second.
   */
  card: z.enum(['dead', 'hang', 'html', 'error', 'lie', 'stuck', 'slow']).optional(),
  /** The system: `hang` never comes up, `slow` takes a second. */
  boot: z.enum(['hang', 'slow']).optional(),
  /** The agent stops for good before it writes this block, or writes a wrong byte. */
  agent: z.union([z.strictObject({ dieAtBlock: z.number().int() }), z.literal('corrupt')]).optional(),
});

/** What is wrong with a node of the lab. */
export type Fault = z.infer<typeof Fault>;

/** The faults of a lab: by node. */
export const FaultFile = z.record(z.string(), Fault);

/** The faults of a lab. */
export type FaultFile = z.infer<typeof FaultFile>;
