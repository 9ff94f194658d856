import { createHash } from 'node:crypto';
import { RestageError } from '../errors.ts';
import type { Digest, LayerKind, Version } from '../model/id.ts';
import type { NotKeptRecord } from '../model/snapshot.ts';
import type { VerifyReport } from '../store/contract.ts';
import { createContent } from './content.ts';
import type { SnapshotContext } from './context.ts';
import { findSnapshot } from './find.ts';
import { holdContent } from './hold-content.ts';
import type { Content } from './layer.ts';

/** What was re-read and re-hashed, and what of it is damaged. */
export interface SnapshotVerification {
  readonly schema: 'restage/verify/1';
  readonly name: string;
  readonly file?: string | undefined;
  readonly version?: Version | undefined;
  readonly digest: Digest;
  /** Contents and bytes that were read. */
  readonly contents: number;
  readonly bytes: number;
  readonly damaged: readonly DamagedContent[];
  readonly notKept: readonly NotKeptRecord[];
}

/** Content that cannot be read as it was saved. */
export interface DamagedContent {
  readonly layer: LayerKind;
  readonly digest: Digest;
  readonly why: string;
}

/** What `verify --store` found. */
export interface StoreVerification extends VerifyReport {
  readonly schema: 'restage/verify-store/1';
  readonly store: string;
}

/**
 * Re-reads a snapshot: seal and digests of the file, then every content that it holds on to.
 *
 * @throws {RestageError} `snapshot/damaged` naming the part of the file that is
 */
export async function verifySnapshot(text: string, context: SnapshotContext): Promise<SnapshotVerification> {
  const found = await findSnapshot(text, context);
  await using holder = await holdContent(found, context);
  const content = createContent(context.store, [holder]);
  const { snapshot, label, file, version } = found;
  const { kept, notKept } = snapshot.record;
  const unique = [...new Map(kept.map((one) => [one.digest, one])).values()];
  const damaged: DamagedContent[] = [];
  let bytes = 0;
  for (const [index, { layer, digest, size }] of unique.entries()) {
    context.signal.throwIfAborted();
    context.emit({ type: 'progress', task: 'verify', done: index, total: unique.length, unit: 'items' });
    const why = await flawOfContent(digest, size, content);
    if (why === undefined) bytes += size;
    else damaged.push({ layer, digest, why });
  }
  return {
    ...{ schema: 'restage/verify/1', name: label, file, version, digest: snapshot.digest },
    ...{ contents: unique.length, bytes, damaged, notKept },
  };
}

/** Re-reads the whole store. */
export async function verifyStore(
  options: { readonly quick?: boolean },
  { store }: SnapshotContext,
): Promise<StoreVerification> {
  return { schema: 'restage/verify-store/1', store: store.description.place, ...(await store.verify(options)) };
}

/** Hashes a content by itself, whatever the store believes; answers what is wrong with it. */
async function flawOfContent(digest: Digest, size: number, content: Content): Promise<string | undefined> {
  if (!(await content.has(digest))) return 'the store does not have it';
  const hash = createHash('sha256');
  let length = 0;
  try {
    for await (const part of (await content.stream(digest)) as AsyncIterable<Buffer>) {
      hash.update(part);
      length += part.length;
    }
  } catch (error) {
    if (error instanceof RestageError && error.code.startsWith('store/')) return error.message;
    throw error;
  }
  if (length !== size) return `it has ${length} bytes and not ${size}`;
  return `sha256:${hash.digest('hex')}` === digest ? undefined : 'its bytes do not match its digest';
}
