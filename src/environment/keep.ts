import { createHash } from 'node:crypto';
import type { Digest } from '../model/id.ts';
import type { CaptureRequest, Content, Kept, NotKept } from '../snapshot/layer.ts';

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
  /** What a save was asked to leave out. */
  readonly left: readonly NotKept[];
}

/** Makes one that stores for `save` and `undo`, and only computes for `compare` and where nothing is to be kept. */
export function createKeep(
  { purpose, settings }: Pick<CaptureRequest, 'purpose' | 'settings'>,
  content: Pick<Content, 'put' | 'has'>,
): KeepList {
  const kept = new Map<Digest, Kept>();
  // What a load replaces must come back, whatever was asked for.
  const stores = purpose === 'undo' || (purpose === 'save' && settings.keep !== 'none');
  return {
    get kept() {
      return stores ? [...kept.values()] : [];
    },
    get left() {
      if (stores || purpose === 'compare') return [];
      const bytes = [...kept.values()].reduce((sum, { size }) => sum + size, 0);
      return kept.size === 0 ? [] : [{ what: 'contents of the environment', bytes }];
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
