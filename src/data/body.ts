import { z } from 'zod';
import { DigestText } from '../model/digest.ts';

const size = z.number().int().nonnegative();

/** A stream as a snapshot names it. */
export const StreamState = z.strictObject({
  digest: DigestText,
  size,
  type: z.string().optional(),
  how: z.literal('observed'),
});

/** A stream as a snapshot names it. */
export type StreamState = z.infer<typeof StreamState>;

/** A directory as a snapshot names it: by the digest of its manifest. */
export const DirectoryState = z.union([
  z.strictObject({ digest: DigestText, members: size, size, how: z.literal('observed') }),
  z.strictObject({ digest: z.null(), how: z.literal('unknown'), why: z.string() }),
]);

/** A directory as a snapshot names it. */
export type DirectoryState = z.infer<typeof DirectoryState>;

/** What the data wing writes into a snapshot. */
export const DataBody = z.strictObject({
  schema: z.literal('restage/data-layer/1'),
  /** By the name of the stream. */
  streams: z.record(z.string(), StreamState),
  /** By the path below the workspace. */
  directories: z.record(z.string(), DirectoryState),
});

/** What the data wing writes into a snapshot. */
export type DataBody = z.infer<typeof DataBody>;

/** One member of a directory. `mode` holds permission bits. */
export const ManifestMember = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('file'), digest: DigestText, size, mode: z.number() }),
  z.strictObject({ kind: z.literal('link'), target: z.string() }),
  z.strictObject({ kind: z.literal('directory'), mode: z.number() }),
]);

/** One member of a directory. */
export type ManifestMember = z.infer<typeof ManifestMember>;

/** What is in a directory, by the path below it: the content that `DirectoryState.digest` names. */
export const Manifest = z.strictObject({
  schema: z.literal('restage/directory/1'),
  members: z.record(z.string(), ManifestMember),
});

/** What is in a directory. */
export type Manifest = z.infer<typeof Manifest>;
