import { z } from 'zod';
import { LAYER_KINDS } from './id.ts';

/**
 * One step of a plan, as plain JSON: what a person reads and a machine repeats.
 *
 * `phase` says when: all steps of `stop` come first, over all layers (units that would see their files change), then
 * `apply`, layer after layer. A layer may add members of its own, such as digests.
 */
export const PlanStep = z.looseObject({
  layer: z.enum(LAYER_KINDS),
  phase: z.enum(['stop', 'apply']),
  /** A kebab-case word of the layer: `power`, `checkout`, `start`, `put-stream`. */
  action: z.string(),
  /** What it is done to, as a person names it: `fit01`, `venv .venv`, `qplan/raw`. */
  item: z.string(),
  /** What is there now and what will be, in a few characters. */
  from: z.string().optional(),
  to: z.string().optional(),
  /** How much is written, in bytes. */
  bytes: z.number().optional(),
});

/** One step of a plan. */
export type PlanStep = z.infer<typeof PlanStep>;

/** Something that a plan leaves as it is, or cannot do, and why. */
export const Remark = z.strictObject({ item: z.string(), why: z.string(), hint: z.string().optional() });

/** Something that a plan leaves as it is, or cannot do, and why. */
export type Remark = z.infer<typeof Remark>;

/** What a load would do to one layer. It is empty where nothing differs. */
export interface LayerPlan<Step extends PlanStep = PlanStep> {
  readonly steps: readonly Step[];
  /** What cannot be done here. One such remark, and no step of any layer is performed. */
  readonly impossible: readonly Remark[];
  /** What stays different by rule, such as the machine's own packages without `--system`. */
  readonly left: readonly Remark[];
}

/** One difference between two states of a layer. */
export const Difference = z.strictObject({
  layer: z.enum(LAYER_KINDS),
  change: z.enum(['added', 'removed', 'changed']),
  /** A word for the kind of thing: `power`, `image`, `npm`, `git`, `apt`, `unit`, `stream`, `directory`. */
  type: z.string(),
  /** Its name among its kind: `fit01`, `app left-pad`, `yellow-panda`, `qplan/raw`. */
  item: z.string(),
  from: z.string().optional(),
  to: z.string().optional(),
});

/** One difference between two states of a layer. `from` and `to` are a few characters for people. */
export type Difference = z.infer<typeof Difference>;
