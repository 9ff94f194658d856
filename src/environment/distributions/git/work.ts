import { createHash } from 'node:crypto';
import { RestageError } from '../../../errors.ts';
import { digestOf } from '../../../model/digest.ts';
import type { GitChange, GitUntracked } from '../../../model/environment.ts';
import type { Digest } from '../../../model/id.ts';
import type { Remark } from '../../../model/plan.ts';
import { isSecretFile } from '../../../model/redact.ts';
import type { NotKept } from '../../../snapshot/layer.ts';
import { TAR_END, tarHeader, tarPadding } from '../../tree/tar.ts';
import type { CaptureContext } from '../contract.ts';
import type { Git } from './run.ts';
import type { GitStatus, GitStatusChange } from './status.ts';

/** Uncommitted work by digest, and where its content is. */
export interface UncommittedWork {
  readonly changes: readonly GitChange[];
  readonly untracked: readonly GitUntracked[];
  /** What goes into the archive, in order. */
  readonly sources: readonly WorkSource[];
  readonly notKept: readonly NotKept[];
  readonly unresolved: readonly Remark[];
}

/** A content of the archive: a file of the work tree, or a blob that only the index has. */
export type WorkSource =
  | { readonly name: string; readonly mode: number; readonly size: number; readonly file: string }
  | { readonly name: string; readonly mode: number; readonly size: number; readonly bytes: Uint8Array }
  | { readonly name: string; readonly mode: number; readonly blob: string };

/** Reads what differs from HEAD: staged, not staged, untracked. */
export async function readWork(
  directory: string,
  status: GitStatus,
  context: Pick<CaptureContext, 'files' | 'looseCap'>,
): Promise<UncommittedWork> {
  const changes: GitChange[] = [];
  const untracked: GitUntracked[] = [];
  const sources: WorkSource[] = [];
  const notKept: NotKept[] = [];
  const unresolved: Remark[] = [];
  for (const change of status.changes) {
    try {
      const { entry, added, left } = await readChange(directory, change, context);
      // A submodule with work of its own is no change of this work tree.
      if (entry.index !== null || entry.work !== null) changes.push(entry);
      sources.push(...added);
      notKept.push(...left);
      if (change.isUnmerged) unresolved.push({ item: change.path, why: 'it is in a merge that is not finished' });
    } catch (error) {
      unresolved.push(unreadable(change.path, error));
    }
  }
  for (const path of status.untracked) {
    try {
      const found = await readFile(directory, path, context);
      if (!found) continue;
      const { mode, size, digest, source } = found;
      untracked.push({ path, mode, size, digest, kept: source !== undefined });
      if (source) sources.push(source);
      else notKept.push({ what: path, bytes: size });
    } catch (error) {
      unresolved.push(unreadable(path, error));
    }
  }
  return { changes, untracked, sources, notKept, unresolved };
}

/** The archive of uncommitted work: `index/PATH` and `work/PATH`, in the order of the paths. */
export async function* archiveWork(
  sources: readonly WorkSource[],
  git: Git,
  { files }: Pick<CaptureContext, 'files'>,
): AsyncGenerator<Uint8Array> {
  for (const source of sources) {
    if ('file' in source && source.size > WHOLE_BYTES) {
      yield* bigFile(source, files);
      continue;
    }
    const bytes =
      'blob' in source
        ? await blobOf(source.blob, git)
        : 'bytes' in source
          ? source.bytes
          : await files.read(source.file);
    yield tarHeader({ path: source.name, kind: 'file', mode: source.mode, size: bytes.length });
    yield bytes;
    yield tarPadding(bytes.length);
  }
  yield TAR_END;
}

const WHOLE_BYTES = 8 * 1024 * 1024;

async function readChange(
  directory: string,
  change: GitStatusChange,
  context: Pick<CaptureContext, 'files' | 'looseCap'>,
): Promise<{ readonly entry: GitChange; readonly added: readonly WorkSource[]; readonly left: readonly NotKept[] }> {
  const { path, staged, unstaged, indexMode, blob } = change;
  const index = staged === '.' ? null : staged === 'D' ? 'deleted' : { mode: indexMode, blob };
  const isSecret = isSecretFile(path);
  const added: WorkSource[] = [];
  // The commit that a submodule is at needs no content here: the submodule is a work tree of its own.
  if (index && index !== 'deleted' && index.mode !== '160000' && !isSecret)
    added.push({ name: `index/${path}`, mode: 0o644, blob: index.blob });
  const found = unstaged === '.' || change.isSubmodule ? undefined : await readFile(directory, path, context);
  const work =
    unstaged === '.' || change.isSubmodule ? null : found ? { mode: found.mode, digest: found.digest } : 'deleted';
  if (found?.source) added.push(found.source);
  const kept = !isSecret && (!found || found.source !== undefined);
  return {
    entry: { path, index, work, kept },
    added,
    left: kept ? [] : [{ what: path, ...(found && { bytes: found.size }) }],
  };
}

/** A file or link of the work tree; `undefined` where there is neither. Without a source it is known by digest only. */
async function readFile(
  directory: string,
  path: string,
  { files, looseCap }: Pick<CaptureContext, 'files' | 'looseCap'>,
): Promise<
  { readonly mode: string; readonly size: number; readonly digest: Digest; readonly source?: WorkSource } | undefined
> {
  const file = `${directory}/${path}`;
  const stat = await files.stat(file);
  if (!stat || (stat.kind !== 'file' && stat.kind !== 'link')) return undefined;
  if (stat.kind === 'link') {
    const bytes = Buffer.from(await files.readLink(file));
    const source = { name: `work/${path}`, mode: 0o777, size: bytes.length, bytes };
    return { mode: '120000', size: bytes.length, digest: digestOf(bytes), source };
  }
  // git itself knows of a file's bits only whether it can be run.
  const mode = (stat.mode & 0o100) === 0 ? '100644' : '100755';
  const { digest, size } = await digestOfFile(file, files);
  const isHeld = !isSecretFile(path) && size <= looseCap;
  const source = { name: `work/${path}`, mode: mode === '100755' ? 0o755 : 0o644, size, file };
  return { mode, size, digest, ...(isHeld && { source }) };
}

async function digestOfFile(
  file: string,
  files: CaptureContext['files'],
): Promise<{ readonly digest: Digest; readonly size: number }> {
  const hash = createHash('sha256');
  let size = 0;
  for await (const bytes of files.stream(file) as AsyncIterable<Buffer>) {
    hash.update(bytes);
    size += bytes.length;
  }
  return { digest: `sha256:${hash.digest('hex')}` as Digest, size };
}

async function* bigFile(
  {
    name,
    mode,
    size,
    file,
  }: { readonly name: string; readonly mode: number; readonly size: number; readonly file: string },
  files: CaptureContext['files'],
): AsyncGenerator<Uint8Array> {
  yield tarHeader({ path: name, kind: 'file', mode, size });
  let left = size;
  for await (const bytes of files.stream(file, { start: 0, end: size }) as AsyncIterable<Buffer>) {
    left -= bytes.length;
    yield bytes;
  }
  yield Buffer.alloc(left); // It became shorter meanwhile; its digest will tell.
  yield tarPadding(size);
}

async function blobOf(blob: string, git: Git): Promise<Buffer> {
  const { status, stdoutBytes } = await git(['cat-file', 'blob', blob]);
  if (status !== 0) throw new RestageError('file/missing', `git has no blob ${blob}`);
  return stdoutBytes;
}

function unreadable(path: string, error: unknown): Remark {
  // A raw error of the file system comes from a stream.
  const isExpected = error instanceof RestageError || (error instanceof Error && 'code' in error);
  if (!isExpected) throw error;
  return { item: path, why: error.message };
}
