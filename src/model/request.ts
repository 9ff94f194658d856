import { z } from 'zod';
import { LAYER_KINDS } from './id.ts';

/** What a person may ask of single layers at save, diff and load. Each layer reads its own. */
export const LayerSettings = z.strictObject({
  /** nodes: which of them, as a selector. */
  nodes: z.string().optional(),
  /** nodes: which of them not. */
  except: z.string().optional(),
  /** nodes: whose disks are copied into the store. */
  images: z.enum(['never', 'changed', 'always']).optional(),
  /** nodes: what happens to nodes that are not in the snapshot. */
  others: z.enum(['leave', 'off']).optional(),
  /** nodes: power alone is put back. */
  onlyPower: z.boolean().optional(),
  /** nodes: how sure a disk must be. */
  check: z.enum(['stamp', 'blocks', 'never']).optional(),
  /** environment: the machine's own packages too. */
  system: z.boolean().optional(),
  /** environment: whether the store keeps the contents that a load needs; all of them if absent. */
  keep: z.enum(['all', 'none']).optional(),
  /** data: also remove files that the snapshot does not have. */
  exact: z.boolean().optional(),
  /** session: databases too. */
  restoreDb: z.boolean().optional(),
  /** Whether what is unknown or unresolved is an error. */
  strict: z.boolean().optional(),
});

/** What a person may ask of single layers. */
export type LayerSettings = z.infer<typeof LayerSettings>;

const only = z.array(z.enum(LAYER_KINDS)).min(1).optional();

/** `restage save NAME`. */
export const SaveRequest = z.strictObject({
  name: z.string(),
  only,
  message: z.string().optional(),
  settings: LayerSettings.default({}),
});

/** `restage save NAME`. */
export type SaveRequest = z.infer<typeof SaveRequest>;

/** `restage load NAME`. */
export const LoadRequest = z.strictObject({
  /** `NAME`, `NAME.snap`, a path, `NAME@VERSION`. */
  snapshot: z.string(),
  only,
  settings: LayerSettings.default({}),
});

/** `restage load NAME`. */
export type LoadRequest = z.infer<typeof LoadRequest>;

/** `restage diff A [B]`; each side is a snapshot or `live`. */
export const DiffRequest = z.strictObject({
  from: z.string(),
  to: z.string(),
  only,
  settings: LayerSettings.default({}),
});

/** `restage diff A [B]`. */
export type DiffRequest = z.infer<typeof DiffRequest>;
