import { basename, isAbsolute, join, resolve } from 'node:path';
import { RestageError } from '../errors.ts';
import type { Version } from '../model/id.ts';
import { compareText } from '../model/order.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Store } from '../store/contract.ts';
import type { ContentHolder } from './content.ts';
import type { SnapshotContext } from './context.ts';
import { LIVE, nameOfMember, parseReference, snapMember, UNDO, type SnapshotReference } from './name.ts';
import { decodeSnapshot } from './snap-file.ts';

/** Where a snapshot was found. */
export type FoundPlace = 'directory' | 'user' | 'public' | 'path' | 'store';

/** A snapshot that was asked for, with where it came from. */
export interface FoundSnapshot extends ContentHolder {
  /** How it was asked for: a bare name, which is not the recorded one after `mv`. */
  readonly label: string;
  readonly place: FoundPlace;
  readonly snapshot: Snapshot;
  /** The file it was read from; absent when it was read from the store. */
  readonly file?: string;
  readonly version?: Version | undefined;
}

/** Where the public store lies unless `[store] public` says otherwise. */
const PUBLIC_STORE = '/var/lib/restage/store';

/**
 * Finds a snapshot by `NAME`, `NAME.snap`, a path, or one of them with `@VERSION`.
 *
 * The working directory comes before the user's snapshots, the public ones and the store; what is found first
 * counts, also when it is damaged. A file is exactly what it contains; `@VERSION` asks the store's history for the
 * name that the file recorded, so that it still works after `mv`.
 *
 * @throws {RestageError} `snapshot/unknown` with names like it, `snapshot/damaged`, `snapshot/format`, `store/version-…`
 */
export async function findSnapshot(text: string, context: SnapshotContext): Promise<FoundSnapshot> {
  const reference = parseReference(text);
  const { base, version } = reference;
  if (base === LIVE) {
    throw new RestageError('snapshot/name', '`live` is the present state and no snapshot', {
      hint: 'Save it with `restage save NAME` first',
    });
  }
  const file = base === UNDO ? undefined : await findFile(reference, context);
  if (version === undefined) {
    const found = file ? await readFound(file, context) : await readFromStore(base, undefined, context);
    if (found) return found;
    throw await unknownSnapshot(text, context);
  }
  const label = file ? await recordedName(file, context) : nameOf(base);
  const found = await readFromStore(label, await resolveVersion(version, label, context), context);
  if (found) return found;
  throw unknownVersion(version, label);
}

/** Resolves the text behind `@` for one snapshot, and says it in the words of snapshots when there is no such version. */
async function resolveVersion(version: string, label: string, { store }: SnapshotContext): Promise<Version> {
  try {
    return await store.resolve(version, snapMember(label));
  } catch (error) {
    if (error instanceof RestageError && error.code === 'store/version-unknown') throw unknownVersion(version, label);
    throw error;
  }
}

function unknownVersion(version: string, label: string): RestageError {
  return new RestageError('store/version-unknown', `${label} has no version ${version}`, {
    hint: `List its versions with \`restage log ${label}\``,
    details: { label, version },
  });
}

/** The directory of the public store. */
export function publicStoreOf({ configuration }: Pick<SnapshotContext, 'configuration'>): string {
  return configuration.get('store', 'public') ?? PUBLIC_STORE;
}

/** The names of all snapshots that can be found: files without `.snap`, and members of the store; sorted. */
export async function snapshotNames(context: SnapshotContext): Promise<readonly string[]> {
  const { directory, libraries, files, store } = context;
  const names = new Set<string>();
  for (const folder of [directory, libraries.user, libraries.public]) {
    for (const { name, kind } of await files.list(folder)) {
      if (kind !== 'directory' && name.endsWith('.snap')) names.add(basename(name, '.snap'));
    }
  }
  for (const name of await storedNames(store)) if (name !== UNDO) names.add(name);
  return [...names].sort(compareText);
}

/** The names of the snapshots in a store's head. */
export async function storedNames(store: Store): Promise<readonly string[]> {
  return (await store.list('snapshots')).flatMap(({ path }) => nameOfMember(path) ?? []);
}

/** The name that a file recorded. A damaged one cannot say; its own name is where its versions are looked for. */
async function recordedName(file: FoundFile, context: SnapshotContext): Promise<string> {
  try {
    return (await readFound(file, context)).snapshot.record.name;
  } catch (error) {
    if (error instanceof RestageError && error.code === 'snapshot/damaged') return file.label;
    throw error;
  }
}

interface FoundFile {
  readonly path: string;
  readonly label: string;
  readonly place: FoundPlace;
}

async function findFile(reference: SnapshotReference, context: SnapshotContext): Promise<FoundFile | undefined> {
  const { base, isPath } = reference;
  const { directory, libraries, files } = context;
  const label = nameOf(base);
  if (base.includes('/')) {
    const path = isAbsolute(base) ? base : resolve(directory, base);
    for (const candidate of [path, `${path}.snap`]) {
      if (await isFile(candidate, files)) return { path: candidate, label, place: 'path' };
    }
    throw new RestageError('snapshot/unknown', `there is no snapshot ${base}`, { details: { path } });
  }
  const places = [
    ['directory', directory],
    ['user', libraries.user],
    ['public', libraries.public],
  ] as const;
  for (const [place, folder] of places) {
    const path = join(folder, isPath ? base : `${base}.snap`);
    if (await isFile(path, files)) return { path, label, place };
  }
  return undefined;
}

async function isFile(path: string, files: SnapshotContext['files']): Promise<boolean> {
  const stat = await files.stat(path);
  return (
    stat?.kind === 'file' || (stat?.kind === 'link' && (await files.stat(await files.realPath(path)))?.kind === 'file')
  );
}

async function readFound(file: FoundFile, context: SnapshotContext): Promise<FoundSnapshot> {
  const snapshot = decodeSnapshot(await context.files.read(file.path), file.path);
  const { version, store } = snapshot.record;
  return {
    ...{ label: file.label, place: file.place, file: file.path, snapshot },
    ...(store === context.store.description.id && { version }),
  };
}

async function readFromStore(
  base: string,
  at: Version | undefined,
  { store }: SnapshotContext,
): Promise<FoundSnapshot | undefined> {
  const label = nameOf(base);
  // What no member can be called is not there; asking would be a usage error of the store.
  if (base.includes('/') || label === '' || label.startsWith('-')) return undefined;
  const member = await store.read(snapMember(label), at);
  if (!member) return undefined;
  const where = `${label}@${member.version.slice(0, 10)}`;
  const snapshot = decodeSnapshot(await member.bytes(), where);
  return { label, place: 'store', snapshot, version: member.version };
}

function nameOf(base: string): string {
  return basename(base, '.snap');
}

async function unknownSnapshot(text: string, context: SnapshotContext): Promise<RestageError> {
  const names = await snapshotNames(context);
  const base = nameOf(parseReference(text).base).toLowerCase();
  const near = names.filter((name) => isNear(name.toLowerCase(), base));
  return new RestageError('snapshot/unknown', `there is no snapshot ${text}`, {
    ...(near.length > 0 && { hint: `Did you mean ${near.slice(0, 5).join(', ')}` }),
    details: { text, candidates: near },
  });
}

/** Whether one begins with the other, or they differ in at most two letters. */
function isNear(a: string, b: string): boolean {
  if (b !== '' && (a.startsWith(b) || b.startsWith(a))) return true;
  return Math.abs(a.length - b.length) <= 2 && distance(a, b) <= Math.min(2, Math.floor(b.length / 2));
}

/** How many letters have to be added, removed or replaced to make one text the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
