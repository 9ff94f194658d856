import { basename, join } from 'node:path';
import { RestageError } from '../errors.ts';
import { LAYER_KINDS, type Digest, type LayerKind, type Version } from '../model/id.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { SnapshotContext } from './context.ts';
import { storedNames, type FoundPlace } from './find.ts';
import { keptBytesOf } from './kept-bytes.ts';
import { snapMember, UNDO } from './name.ts';
import { decodeSnapshot } from './snap-file.ts';

/** All snapshots that can be named here. */
export interface SnapshotList {
  readonly schema: 'restage/list/1';
  readonly snapshots: readonly ListedSnapshot[];
}

/** One of them. One that cannot be read has `damaged` and none of the other facts. */
export interface ListedSnapshot {
  readonly name: string;
  readonly place: FoundPlace;
  readonly file?: string;
  readonly damaged?: string;
  /** The name it was saved as, where it is another. */
  readonly savedAs?: string;
  readonly savedAt?: string;
  readonly message?: string;
  readonly version?: Version;
  readonly digest?: Digest;
  readonly layers?: readonly LayerKind[];
  readonly keptBytes?: number;
  /** Whether it names something without holding it. */
  readonly isPartial?: boolean;
}

/** Lists the files of the working directory, the user's and the public ones, then what only the store has; newest first. */
export async function listSnapshots(context: SnapshotContext): Promise<SnapshotList> {
  const { directory, libraries, store } = context;
  const folders = [
    ['directory', directory],
    ['user', libraries.user],
    ['public', libraries.public],
  ] as const;
  const listed: ListedSnapshot[] = [];
  for (const [place, folder] of folders) listed.push(...(await listFolder(place, folder, context)));
  const shown = new Set(listed.map(({ name }) => name));
  for (const name of await storedNames(store)) {
    if (name === UNDO || shown.has(name)) continue;
    const member = await store.read(snapMember(name));
    if (member) listed.push(await describe(name, 'store', undefined, () => member.bytes()));
  }
  listed.sort((a, b) => FOLDERS.indexOf(a.place) - FOLDERS.indexOf(b.place) || newestFirst(a, b));
  return { schema: 'restage/list/1', snapshots: listed };
}

const FOLDERS: readonly FoundPlace[] = ['directory', 'user', 'public', 'store'];

async function listFolder(
  place: FoundPlace,
  folder: string,
  { files }: SnapshotContext,
): Promise<readonly ListedSnapshot[]> {
  const listed: ListedSnapshot[] = [];
  for (const { name, kind } of await files.list(folder)) {
    if ((kind !== 'file' && kind !== 'link') || !name.endsWith('.snap')) continue;
    const file = join(folder, name);
    listed.push(await describe(basename(name, '.snap'), place, file, () => files.read(file)));
  }
  return listed;
}

async function describe(
  name: string,
  place: FoundPlace,
  file: string | undefined,
  read: () => Promise<Uint8Array>,
): Promise<ListedSnapshot> {
  const which = { name, place, ...(file !== undefined && { file }) };
  try {
    return { ...which, ...facts(name, decodeSnapshot(await read(), file ?? name)) };
  } catch (error) {
    if (error instanceof RestageError) return { ...which, damaged: error.message };
    throw error;
  }
}

function facts(name: string, snapshot: Snapshot): Omit<ListedSnapshot, 'name' | 'place'> {
  const { record, digest, layers } = snapshot;
  return {
    ...(record.name !== name && { savedAs: record.name }),
    ...{ savedAt: record.savedAt, digest, keptBytes: keptBytesOf(snapshot), isPartial: record.notKept.length > 0 },
    layers: LAYER_KINDS.filter((kind) => layers[kind] !== undefined),
    ...(record.version !== undefined && { version: record.version }),
    ...(record.message !== undefined && { message: record.message }),
  };
}

/** RFC 3339 in UTC has the order of time. */
function newestFirst(a: ListedSnapshot, b: ListedSnapshot): number {
  const [first, second] = [a.savedAt ?? '', b.savedAt ?? ''];
  return first === second ? (a.name < b.name ? -1 : 1) : first < second ? 1 : -1;
}
