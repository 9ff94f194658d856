import { z } from 'zod';
import { DigestText } from './digest.ts';
import { LAYER_KINDS, type Version } from './id.ts';
import { Remark } from './plan.ts';
import { LayerSettings } from './request.ts';

/** The format that this program writes. */
export const SNAPSHOT_SCHEMA = 'restage/snapshot/1';

const Kind = z.enum(LAYER_KINDS);

/** Reads the version of a commit. */
export const VersionText: z.ZodType<Version, string> = z
  .string()
  .regex(/^[0-9a-f]{40}$/, 'is no version: 40 hex digits')
  .transform((text) => text as Version);

/** What a layer wrote, as the hall sees it: JSON that begins with its schema. The layer's own schema reads the rest. */
export const LayerBody = z.looseObject({
  schema: z.string().regex(/^restage\/(nodes|environment|data|session)-layer\/[1-9]\d*$/),
});

/** What a layer wrote, as the hall sees it. */
export type LayerBody = z.infer<typeof LayerBody>;

/** The state itself: any subset of the layers. */
export const Layers = z.strictObject({
  nodes: LayerBody.optional(),
  environment: LayerBody.optional(),
  data: LayerBody.optional(),
  session: LayerBody.optional(),
});

/** The state itself: any subset of the layers. */
export type Layers = z.infer<typeof Layers>;

/** Content that the store keeps for a snapshot, as `snapshots/NAME.needs/HEX`. */
export const KeptRecord = z.strictObject({
  layer: Kind,
  digest: DigestText,
  size: z.number().int().nonnegative(),
  /** Where the content also stands in the history of the store that saved it. */
  member: z.strictObject({ path: z.string(), version: VersionText }).optional(),
});

/** Content that the store keeps for a snapshot. */
export type KeptRecord = z.infer<typeof KeptRecord>;

/** Something that a snapshot names without holding its content. */
export const NotKeptRecord = z.strictObject({ layer: Kind, what: z.string(), bytes: z.number().optional() });

/** Something that a snapshot names without holding its content. */
export type NotKeptRecord = z.infer<typeof NotKeptRecord>;

/** Something that could not be read, and why. */
export const UnresolvedRecord = z.strictObject({ layer: Kind, ...Remark.shape });

/** Something that could not be read, and why. */
export type UnresolvedRecord = z.infer<typeof UnresolvedRecord>;

/** What differs at every save of an unchanged world: outside the digest, inside the seal. */
export const SaveRecord = z.strictObject({
  name: z.string(),
  /** A uuid of this save: two saves of one state in one second are still two. */
  id: z.string(),
  /** The commit of the save. In the user's file only: a commit cannot hold its own id. */
  version: VersionText.optional(),
  /** The id of the store that holds the content. */
  store: z.string(),
  /** RFC 3339, UTC. */
  savedAt: z.string(),
  savedBy: z.string(),
  host: z.string(),
  message: z.string().optional(),
  /** Of each layer's body, so that damage has a name. */
  digests: z.partialRecord(Kind, DigestText),
  kept: z.array(KeptRecord),
  notKept: z.array(NotKeptRecord),
  unresolved: z.array(UnresolvedRecord),
  /** Layers that were left out, and why. */
  skipped: z.array(z.strictObject({ layer: Kind, reason: z.string() })),
  /** ms that the capture of each layer took. */
  durations: z.partialRecord(Kind, z.number()),
  /** What each layer found that is not its state. */
  layers: z.partialRecord(Kind, z.unknown()),
  /** How the load was asked that an undo save goes back from. */
  settings: LayerSettings.optional(),
  /** Of the canonical JSON of the whole file without this member: one flipped bit anywhere is found. */
  seal: DigestText,
});

/** What differs at every save of an unchanged world. */
export type SaveRecord = z.infer<typeof SaveRecord>;

/** A snapshot: the immutable record of an experiment's state at one time. `digest` is of `{schema, layers}`. */
export const Snapshot = z.strictObject({
  schema: z.literal(SNAPSHOT_SCHEMA),
  digest: DigestText,
  layers: Layers,
  record: SaveRecord,
});

/** A snapshot: the immutable record of an experiment's state at one time. */
export type Snapshot = z.infer<typeof Snapshot>;
