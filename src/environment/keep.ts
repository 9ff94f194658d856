import { createHash } from 'node:crypto';
import type { Digest } from '../model/id.ts';
import type { CaptureRequest, Content, Kept } from '../snapshot/layer.ts';

/**
 * What a capture does with content that a load needs: stores it, or only names it.
 *
 * The digest is the same either way, so that a capture that stores nothing gives the same body.
 */
export interface Keep {
  /** Takes content in. The source is read to its end. */
  take(source: AsyncIterable<Uint8Array>): Promise<{ readonly digest: Digest; readonly size: number }>;
  /** Holds on to content whose digest is known from earlier; `false` if it has to be taken in again. */
  hold(digest: Digest, size: number): Promise<boolean>;
}

/** A `Keep`, and what it has taken so far. */
export interface KeepList extends Keep {
  readonly kept: readonly Kept[];
}

/** Makes one that stores for `save` and `undo`, and only computes for `compare`. */
export function createKeep(purpose: CaptureRequest['purpose'], content: Pick<Content, 'put' | 'has'>): KeepList {
  const kept = new Map<Digest, Kept>();
  const stores = purpose !== 'compare';
  return {
    get kept() {
      return stores ? [...kept.values()] : [];
    },
    take: async (source) => {
      const taken = stores ? await content.put(source) : await digestOfStream(source);
      kept.set(taken.digest, taken);
      return taken;
    },
    hold: async (digest, size) => {
      if (stores && !(await content.has(digest))) return false;
      kept.set(digest, { digest, size });
      return true;
    },
  };
}

/** The digest of content as it passes. */
export async function digestOfStream(
  source: AsyncIterable<Uint8Array>,
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const bytes of source) {
    hash.update(bytes);
    size += bytes.length;
  }
  return { digest: `sha256:${hash.digest('hex')}` as Digest, size };
}
