import type { Readable } from 'node:stream';
import { RestageError } from '../errors.ts';
import type { Digest, Version } from '../model/id.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Store } from '../store/contract.ts';
import type { SnapshotContext } from './context.ts';
import type { Content, LayerContext } from './layer.ts';
import { needMember } from './name.ts';

/** Where the content of a snapshot may stand besides the chunk plane. */
export interface ContentHolder {
  readonly snapshot: Snapshot;
  /** The version whose tree holds the snapshot's needs. */
  readonly version?: Version | undefined;
  /** A store to look into after the workspace's own, such as the public one. */
  readonly store?: Store | undefined;
}

/** How one content can be read. */
interface Place {
  readonly stream: () => Promise<Readable>;
}

/** The content of the workspace's store, and of the snapshots that are being loaded or shown. */
export function createContent(store: Store, holders: readonly ContentHolder[] = []): Content {
  const place = (digest: Digest) => findContent(digest, store, holders);
  const stream = async (digest: Digest) => {
    const found = await place(digest);
    if (!found) throw new RestageError('store/damaged', `the store has no content ${digest}`, { details: { digest } });
    return found.stream();
  };
  return {
    put: async (source) => {
      const { digest, size } = await store.putBlob(source);
      return { digest, size };
    },
    has: async (digest) => (await place(digest)) !== undefined,
    read: async (digest) => {
      const parts: Buffer[] = [];
      for await (const part of (await stream(digest)) as AsyncIterable<Buffer>) parts.push(part);
      return Buffer.concat(parts);
    },
    stream,
  };
}

/** The context of the layers of a workspace. */
export function layerContext(context: SnapshotContext, content: Content): LayerContext {
  return { ...context, content };
}

async function findContent(digest: Digest, own: Store, holders: readonly ContentHolder[]): Promise<Place | undefined> {
  const stores = new Set([own, ...holders.flatMap(({ store }) => store ?? [])]);
  for (const store of stores) {
    // Ask before reading: opening a blob may touch the disk, and most questions are `has`.
    if (await store.hasBlob(digest)) return blobPlace(digest, store);
    for (const holder of holders) {
      const found = await memberPlace(digest, store, holder);
      if (found) return found;
    }
  }
  return undefined;
}

function blobPlace(digest: Digest, store: Store): Place {
  return {
    stream: async () => {
      const blob = await store.readBlob(digest);
      if (blob) return blob.stream;
      throw new RestageError('store/damaged', `the store has no content ${digest}`, { details: { digest } });
    },
  };
}

/** Small content is no blob of the chunk plane: it stands in the history, as a need and where it came from. */
async function memberPlace(digest: Digest, store: Store, holder: ContentHolder): Promise<Place | undefined> {
  const { snapshot, version } = holder;
  const { record } = snapshot;
  const kept = record.kept.find((one) => one.digest === digest);
  if (!kept) return undefined;
  const path = needMember(record.name, digest);
  const candidates: readonly (readonly [string, Version | undefined])[] = [
    ...(version === undefined ? [] : [[path, version] as const]),
    [path, undefined],
    ...(kept.member && record.store === store.description.id ? [[kept.member.path, kept.member.version] as const] : []),
  ];
  for (const [member, at] of candidates) {
    const found = await store.read(member, at);
    if (found?.digest === digest) return { stream: async () => found.stream() };
  }
  return undefined;
}
