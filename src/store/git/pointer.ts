import { digestOf } from '../../model/digest.ts';
import type { Digest } from '../../model/id.ts';

/** What is known of the content of a member. */
export interface ContentInfo {
  readonly digest: Digest;
  readonly size: number;
  /** Whether the content lies in the chunk plane. */
  readonly big: boolean;
}

/** Longer than any pointer. */
const LONGEST = 200;
const LFS = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\noid (sha256:[0-9a-f]{64})\nsize (\d{1,15})\n$/;
const RECIPE = /^restage-recipe (sha256:[0-9a-f]{64}) (\d{1,15})\n$/;

/** Writes what stands in git for big content: a pointer of git-lfs, exactly three lines. */
export function writePointer(digest: Digest, size: number): Buffer {
  return Buffer.from(`version https://git-lfs.github.com/spec/v1\noid ${digest}\nsize ${size}\n`);
}

/** Reads a pointer; `undefined` for what is none, byte for byte. */
export function parsePointer(bytes: Uint8Array): { readonly digest: Digest; readonly size: number } | undefined {
  if (bytes.length > LONGEST) return undefined;
  const text = Buffer.from(bytes).toString('latin1');
  const [, digest, size] = LFS.exec(text) ?? RECIPE.exec(text) ?? [];
  return digest === undefined ? undefined : { digest: digest as Digest, size: Number(size) };
}

/** What a blob of the history stands for: itself, or the content that it points to. */
export function contentOf(blob: Buffer): ContentInfo {
  const pointer = parsePointer(blob);
  return pointer ? { ...pointer, big: true } : { digest: digestOf(blob), size: blob.length, big: false };
}
