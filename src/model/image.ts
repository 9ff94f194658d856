import { z } from 'zod';
import { DigestText } from './digest.ts';

/**
 * What the store knows of an image, kept as `images/NAME.json`.
 *
 * `form` says what the digest is one of: `whole`, all bytes of the disk in their order.
 */
export const ImageRecord = z.strictObject({
  schema: z.literal('restage/image/1'),
  image: DigestText,
  form: z.literal('whole'),
  disk: z.strictObject({ size: z.number().int().nonnegative() }),
  arch: z.string().optional(),
  /** The image that the disk held before it was changed and saved as this one. */
  parent: DigestText.optional(),
  /** The lines of the disk's stamp, oldest first. */
  lineage: z.array(z.string()),
});

/** What the store knows of an image. */
export type ImageRecord = z.infer<typeof ImageRecord>;

/** An image as it is listed. */
export const ImageEntry = z.strictObject({
  name: z.string(),
  image: DigestText,
  /** Bytes. */
  size: z.number(),
  /** ms since the epoch. */
  saved: z.number(),
  /** The last line of its stamp. */
  stamp: z.string().optional(),
});

/** An image as it is listed. */
export type ImageEntry = z.infer<typeof ImageEntry>;
