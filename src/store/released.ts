import type { Digest } from '../model/id.ts';
import type { GcOptions, Store } from './contract.ts';

/** Refs that hold on to all content of the version that they name. */
const HOLDING_REFS = ['refs/restage/pins/', 'refs/tags/'];

/**
 * The digests whose content the history names and nothing needs any more: all their puts are expired, and neither the
 * head nor a pinned version has them. Every digest of which nobody knows a put stays out.
 */
export async function releasedDigests(
  store: Pick<Store, 'log' | 'list' | 'refs'>,
  isExpired: NonNullable<GcOptions['isExpired']>,
): Promise<ReadonlySet<Digest>> {
  const released = new Set<Digest>();
  const needed = new Set<Digest>();
  for await (const { seq, changes } of store.log(1)) {
    for (const { path, digest } of changes) {
      if (digest !== undefined) (isExpired(path, seq) ? released : needed).add(digest);
    }
  }
  for (const { digest } of await store.list('')) needed.add(digest);
  for (const prefix of HOLDING_REFS) {
    for (const { version } of await store.refs.list(prefix)) {
      for (const { digest } of await store.list('', version)) needed.add(digest);
    }
  }
  return new Set([...released].filter((digest) => !needed.has(digest)));
}
