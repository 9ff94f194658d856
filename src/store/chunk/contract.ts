import type { Digest } from '../../model/id.ts';
import type { BlobReader, BlobSource, ByteRange, ChunkerId, GcReport, PutBlob, VerifyReport } from '../contract.ts';

/**
 * The chunk plane of a store: content by digest, cut into chunks, deduplicated, packed, verified at every read.
 *
 * It knows nothing of the history: who still needs what is told to `gc`. Several processes may write at once, each to
 * packs of its own; a pack is never changed once its index is there. After a crash the next one that opens for writing
 * cuts torn tails, removes temporaries of dead owners and rebuilds missing indexes.
 */
export interface ChunkPlane {
  /** See `Store.putBlob`. */
  putBlob(source: BlobSource, options?: { readonly chunker?: ChunkerId }): Promise<PutBlob>;
  hasBlob(digest: Digest): Promise<boolean>;
  /** Bytes of the content; `undefined` if it is not there. */
  sizeOf(digest: Digest): Promise<number | undefined>;
  /** See `Store.readBlob`. */
  readBlob(digest: Digest, range?: ByteRange): Promise<BlobReader | undefined>;
  /**
   * Collects what `live` does not name. `live` is called after the mark of uploads in flight: what they have named
   * since stays, so that a deduplicated hit is never swept away.
   */
  gc(options: {
    readonly live: () => Promise<ReadonlySet<Digest>>;
    readonly graceMs: number;
    readonly apply: boolean;
  }): Promise<GcReport>;
  /** Re-reads and re-hashes every chunk and recipe; `quick` looks at indexes only. */
  verify(options?: { readonly quick?: boolean }): Promise<VerifyReport>;
  stat(): Promise<{ readonly chunks: number; readonly chunkBytes: number; readonly packs: number }>;
  /** Releases what is held; never throws. */
  close(): Promise<void>;
}
