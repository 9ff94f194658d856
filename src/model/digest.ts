import { createHash } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from './json.ts';
import type { Digest } from './id.ts';

/** Reads a digest from what was stored or typed. */
export const DigestText: z.ZodType<Digest, string> = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'is no digest: sha256: and 64 hex digits')
  .transform((text) => text as Digest);

/** The digest of some bytes. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

/** The digest of a value: of its canonical JSON. */
export function digestOfJson(value: unknown): Digest {
  return digestOf(canonicalJson(value));
}
