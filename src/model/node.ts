import { z } from 'zod';
import { DigestText } from './digest.ts';
import { factOf } from './fact.ts';

/** What a power card says of a node or an outlet when it can be believed. */
export const PowerState = z.enum(['on', 'off']);

/** What a power card says of a node or an outlet when it can be believed. */
export type PowerState = z.infer<typeof PowerState>;

/** Which image a disk holds. `name` is what people call it; an unknown image may still have the name of its stamp. */
export const ImageFact = z.union([
  z.strictObject({
    value: DigestText,
    name: z.string().optional(),
    how: z.enum(['observed', 'stamp', 'assumed']),
  }),
  z.strictObject({ value: z.null(), name: z.string().optional(), how: z.literal('unknown'), why: z.string() }),
]);

/** Which image a disk holds. */
export type ImageFact = z.infer<typeof ImageFact>;

/** What is known of one node. What is absent was not asked, such as the kernel of a node that is off. */
export const NodeFacts = z.strictObject({
  power: factOf(PowerState),
  outlets: z.record(z.string(), factOf(PowerState)),
  image: ImageFact,
  /** Blocks that differ from `image`. */
  drift: factOf(z.number().int().nonnegative()),
  disk: z
    .union([
      z.strictObject({ path: z.string(), size: z.number().int().optional(), how: z.literal('observed') }),
      /** Nothing here can write the disk: `why` is `no-agent`. */
      z.strictObject({ path: z.string(), how: z.literal('unknown'), why: z.string() }),
    ])
    .optional(),
  boot: z.strictObject({ kernel: z.string(), how: z.literal('observed') }).optional(),
});

/** What is known of one node. */
export type NodeFacts = z.infer<typeof NodeFacts>;

/** The nodes part of a snapshot, by name. `whole`: every node of the inventory is in it. */
export const NodesLayerBody = z.strictObject({
  schema: z.literal('restage/nodes-layer/1'),
  testbed: z.string(),
  whole: z.boolean(),
  nodes: z.record(z.string(), NodeFacts),
});

/** The nodes part of a snapshot. */
export type NodesLayerBody = z.infer<typeof NodesLayerBody>;

/** What came of a command for one node. A failure has a code of the catalogue, without its `node/`. */
export const NodeResult = z.strictObject({
  node: z.string(),
  ok: z.boolean(),
  /** `unknown` when the card cannot be believed: never `off`. */
  power: z.enum(['on', 'off', 'unknown']).optional(),
  /** Outlets by name, likewise. */
  outlets: z.record(z.string(), z.enum(['on', 'off', 'unknown'])).optional(),
  image: z.string().optional(),
  /** Text of the node or of its card, such as what `info` says. */
  text: z.string().optional(),
  /** Whether anything was changed. */
  changed: z.boolean().optional(),
  code: z.string().optional(),
  detail: z.string().optional(),
});

/** What came of a command for one node. */
export type NodeResult = z.infer<typeof NodeResult>;

/** Orders names as people do: `fit2` before `fit10`. Equal names are equal on every machine. */
export function compareNodes(a: string, b: string): number {
  const [left, right] = [a, b].map((name) => /^(.*?)(\d*)$/.exec(name)) as [RegExpExecArray, RegExpExecArray];
  const [, textA = '', numberA = ''] = left;
  const [, textB = '', numberB = ''] = right;
  if (textA !== textB) return textA < textB ? -1 : 1;
  return Number(numberA) - Number(numberB) || (a < b ? -1 : a > b ? 1 : 0);
}
