import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Digest } from '../model/id.ts';
import { canonicalJson } from '../model/json.ts';
import { digestOf } from '../model/digest.ts';
import type { Remark } from '../model/plan.ts';
import { isSecretFile } from '../model/redact.ts';
import type { Files } from '../platform/files.ts';
import type { Content, Kept, NotKept } from '../snapshot/layer.ts';
import type { DirectoryState, Manifest, ManifestMember } from './body.ts';

/** Names that are never part of a directory: stores, and what we stage. */
const LEFT_OUT: ReadonlySet<string> = new Set(['.restage', '.git', '.restage-staged']);
/** How often a file is read that changes meanwhile. */
const ATTEMPTS = 3;

/** What a capture of a directory found. */
export interface CapturedDirectory {
  readonly state: DirectoryState;
  readonly manifest: Manifest;
  readonly kept: readonly Kept[];
  readonly notKept: readonly NotKept[];
  readonly unresolved: readonly Remark[];
}

/** How a directory is captured. */
export interface CaptureDirectory {
  readonly files: Files;
  /** Absent: digests only, nothing is stored. */
  readonly content?: Pick<Content, 'put'> | undefined;
  readonly signal: AbortSignal;
  /** Told after each file. */
  readonly progress?: (bytes: number) => void;
}

/** Names a directory by its manifest: paths, contents, modes and links, and no times. Equal trees have equal bytes. */
export async function captureDirectory(root: string, how: CaptureDirectory): Promise<CapturedDirectory> {
  const members: Record<string, ManifestMember> = {};
  const kept = new Map<Digest, Kept>();
  const notKept: NotKept[] = [];
  const unresolved: Remark[] = [];
  let isChanging = false;
  for await (const path of walk(root, '', how.files)) {
    how.signal.throwIfAborted();
    const member = await captureMember(root, path, how);
    if (member === undefined) continue;
    if ('why' in member) {
      unresolved.push({ item: path, why: member.why });
      isChanging ||= member.why === 'changing';
      continue;
    }
    members[path] = member;
    if (member.kind !== 'file') continue;
    const { digest, size } = member;
    if (isSecretFile(path)) notKept.push({ what: path, bytes: size });
    else kept.set(digest, { digest, size });
    how.progress?.(size);
  }
  const manifest: Manifest = { schema: 'restage/directory/1', members };
  const bytes = new TextEncoder().encode(canonicalJson(manifest));
  const found = { manifest, notKept, unresolved };
  if (isChanging) return { ...found, state: { digest: null, how: 'unknown', why: 'changing' }, kept: [] };
  const digest = how.content ? (await how.content.put(bytes)).digest : digestOf(bytes);
  kept.set(digest, { digest, size: bytes.length });
  const sizes = Object.values(members).map((member) => (member.kind === 'file' ? member.size : 0));
  const size = sizes.reduce((sum, one) => sum + one, 0);
  const state = { digest, members: sizes.length, size, how: 'observed' } as const;
  return { ...found, state, kept: [...kept.values()] };
}

/** The digest of a file, read as a stream. */
export async function digestOfFile(path: string, files: Pick<Files, 'stream'>): Promise<Digest> {
  const hash = createHash('sha256');
  for await (const part of files.stream(path) as AsyncIterable<Buffer>) hash.update(part);
  return `sha256:${hash.digest('hex')}` as Digest;
}

/** Every path below a directory, directories before what is in them, sorted by name; links are not followed. */
export async function* walk(root: string, below: string, files: Pick<Files, 'list'>): AsyncGenerator<string> {
  for (const { name, kind } of await files.list(join(root, below))) {
    if (LEFT_OUT.has(name)) continue;
    const path = below === '' ? name : `${below}/${name}`;
    yield path;
    if (kind === 'directory') yield* walk(root, path, files);
  }
}

async function captureMember(
  root: string,
  path: string,
  how: CaptureDirectory,
): Promise<ManifestMember | { readonly why: string } | undefined> {
  const { files } = how;
  const full = join(root, path);
  // The bytes of a name that is not UTF-8 are gone by now; what it names cannot be put back under it.
  if (path.includes('\uFFFD')) return { why: 'its name is not UTF-8' };
  const stat = await files.stat(full);
  switch (stat?.kind) {
    case undefined:
      return undefined;
    case 'directory':
      return { kind: 'directory', mode: stat.mode };
    case 'link':
      return { kind: 'link', target: await files.readLink(full) };
    case 'file':
      return captureFile(full, path, how);
    case 'other':
      return { why: 'is no file, directory or link' };
  }
}

async function captureFile(
  full: string,
  path: string,
  { files, content }: CaptureDirectory,
): Promise<ManifestMember | { readonly why: string } | undefined> {
  const isStored = content !== undefined && !isSecretFile(path);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const before = await files.stat(full);
    if (before?.kind !== 'file') return undefined;
    const digest = isStored ? (await content.put({ file: full })).digest : await digestOfFile(full, files);
    const after = await files.stat(full);
    const { size, mode, modified, changed, inode } = before;
    const isSame = after?.inode === inode && after.changed === changed && after.modified === modified;
    if (isSame && after.size === size) return { kind: 'file', digest, size, mode };
  }
  return { why: 'changing' };
}
