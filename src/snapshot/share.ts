import { join } from 'node:path';
import type { Digest, Version } from '../model/id.ts';
import type { KeptRecord } from '../model/snapshot.ts';
import { createContent } from './content.ts';
import type { SnapshotContext } from './context.ts';
import { findSnapshot, publicStoreOf } from './find.ts';
import { holdContent } from './hold-content.ts';
import { checkName } from './name.ts';
import { refuseSecrets, searchSecrets } from './secrets.ts';
import { encodeSnapshot, reseal } from './snap-file.ts';
import { refuseMissingContent, transferSnapshot } from './transfer.ts';

/** What a snapshot was promoted to. */
export interface Shared {
  readonly schema: 'restage/share/1';
  readonly name: string;
  readonly digest: Digest;
  readonly file: string;
  readonly store: string;
  readonly version: Version;
  readonly newBytes: number;
  /** Content that was not looked into for secrets, such as disk images: everyone can read it now. */
  readonly unread: readonly KeptRecord[];
}

/**
 * Promotes a snapshot to the public ones: what it holds on to goes into the public store, then its file into the
 * public library.
 *
 * @throws {RestageError} `snapshot/secret` with the list, if something looks like a secret; nothing is copied then
 */
export async function share(text: string, context: SnapshotContext): Promise<Shared> {
  const found = await findSnapshot(text, context);
  await using holder = await holdContent(found, context);
  const content = createContent(context.store, [holder]);
  await refuseMissingContent(found.snapshot, content);
  const search = await searchSecrets(found.snapshot, content, context.signal);
  refuseSecrets(search, 'share');
  const name = checkName(found.label);
  const directory = publicStoreOf(context);
  await using store = await context.openStore(directory, 'create');
  const snapshot = reseal(found.snapshot, { version: undefined, name, store: store.description.id });
  const { version, newBytes } = await transferSnapshot(snapshot, content, store, context);
  const file = join(context.libraries.public, `${name}.snap`);
  await context.files.write(file, encodeSnapshot(reseal(snapshot, { version })));
  const { digest } = snapshot;
  return { schema: 'restage/share/1', name, digest, file, store: directory, version, newBytes, unread: search.unread };
}
