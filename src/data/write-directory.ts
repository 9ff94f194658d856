import { Buffer } from 'node:buffer';
import { dirname, join } from 'node:path';
import { RestageError } from '../errors.ts';
import type { Digest } from '../model/id.ts';
import { compareText } from '../model/order.ts';
import { isSecretFile } from '../model/redact.ts';
import type { Files } from '../platform/files.ts';
import type { Content } from '../snapshot/layer.ts';
import { Manifest, type ManifestMember } from './body.ts';
import { digestOfFile, walk } from './capture-directory.ts';

/** Where new files lie until all are there: inside the directory, so that a rename puts them into place. */
const STAGED = '.restage-staged';

/** What is written where. */
export interface WriteDirectory {
  /** The directory, absolute; made if need be. */
  readonly root: string;
  /** Of the manifest. */
  readonly digest: Digest;
  /** Whether what the manifest does not have is removed. */
  readonly exact: boolean;
}

/** What a directory is written with. */
export interface WriteContext {
  readonly files: Files;
  readonly content: Pick<Content, 'has' | 'read' | 'stream'>;
  readonly signal: AbortSignal;
}

/**
 * Makes a directory what a manifest says. Only files that differ are written: all of them beside the old ones first,
 * then each renamed into place. Where it was interrupted it goes on.
 */
export async function writeDirectory({ root, digest, exact }: WriteDirectory, context: WriteContext): Promise<void> {
  const { files } = context;
  const manifest = readManifest(await context.content.read(digest), digest);
  const staging = join(root, STAGED);
  await files.remove(staging);
  await files.makeDirectory(staging);
  try {
    const members = Object.entries(manifest.members).sort(([a], [b]) => compareText(a, b));
    const staged = await stage(root, staging, members, context);
    for (const [path, member] of members) {
      context.signal.throwIfAborted();
      await place(join(root, path), member, staged.get(path), files);
    }
    if (exact) await removeExtra(root, manifest, files);
    // Modes last: a directory that may not be written to could not take its members.
    for (const [path, member] of members.reverse()) {
      if (member.kind === 'directory') await files.setMode(join(root, path), member.mode);
    }
  } finally {
    await files.remove(staging);
  }
  await files.syncDirectory(root);
}

/** Reads a manifest and refuses paths that would lead out of the directory. */
export function readManifest(bytes: Uint8Array, digest: Digest): Manifest {
  const damaged = (why: string) => new RestageError('store/damaged', `the directory ${digest} ${why}`);
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw damaged('is no JSON');
  }
  const read = Manifest.safeParse(value);
  if (!read.success) throw damaged(`cannot be read: ${read.error.issues[0]?.message ?? ''}`);
  for (const path of Object.keys(read.data.members)) {
    const isOutside = path.split('/').some((word) => word === '' || word === '.' || word === '..');
    if (isOutside || path.includes('\0')) throw damaged(`names a member outside: ${JSON.stringify(path)}`);
  }
  return read.data;
}

/** Fetches every file that is not there yet as it should be. Nothing of the old is touched. */
async function stage(
  root: string,
  staging: string,
  members: readonly (readonly [string, ManifestMember])[],
  { files, content, signal }: WriteContext,
): Promise<ReadonlyMap<string, string>> {
  const staged = new Map<string, string>();
  for (const [path, member] of members) {
    signal.throwIfAborted();
    if (member.kind !== 'file' || (await isThere(join(root, path), member, files))) continue;
    // What looks like a secret is named and not held: the file that is there stays.
    if (isSecretFile(path) && !(await content.has(member.digest))) continue;
    const place = join(staging, String(staged.size));
    await using file = await files.open(place, 'create');
    let position = 0;
    for await (const part of (await content.stream(member.digest)) as AsyncIterable<Buffer>) {
      await file.write(position, part);
      position += part.length;
    }
    await file.sync();
    await files.setMode(place, member.mode);
    staged.set(path, place);
  }
  return staged;
}

async function isThere(
  path: string,
  { size, digest }: Extract<ManifestMember, { readonly kind: 'file' }>,
  files: Files,
): Promise<boolean> {
  const stat = await files.stat(path);
  return stat?.kind === 'file' && stat.size === size && (await digestOfFile(path, files)) === digest;
}

async function place(path: string, member: ManifestMember, staged: string | undefined, files: Files): Promise<void> {
  const stat = await files.stat(path);
  switch (member.kind) {
    case 'directory':
      if (stat && stat.kind !== 'directory') await files.remove(path);
      await files.makeDirectory(path);
      // Writable while it is being filled.
      await files.setMode(path, member.mode | 0o700);
      return;
    case 'link':
      if (stat?.kind === 'link' && (await files.readLink(path)) === member.target) return;
      await files.remove(path);
      await files.makeLink(member.target, path);
      return;
    case 'file':
      if (staged === undefined) {
        if (stat && stat.mode !== member.mode) await files.setMode(path, member.mode);
        return;
      }
      if (stat && stat.kind !== 'file') await files.remove(path);
      await files.rename(staged, path);
      await files.syncDirectory(dirname(path));
  }
}

async function removeExtra(root: string, { members }: Manifest, files: Files): Promise<void> {
  const extra: string[] = [];
  for await (const path of walk(root, '', files)) if (!(path in members)) extra.push(path);
  // What is in a directory before the directory.
  for (const path of extra.reverse()) await files.remove(join(root, path));
}
