import { createHash } from 'node:crypto';
import type { Digest } from '../model/id.ts';
import type { ProgramStamp } from '../model/process-record.ts';
import type { SessionContext } from './context.ts';
import { stampProgram } from './program.ts';
import type { UnitStatus } from './status.ts';

/** Digests of programs, by what tells one file from another: a program is read once, however many units run it. */
export type ProgramDigests = Map<string, Promise<Digest | undefined>>;

/** Which program a unit runs, and which one it would if it were started now. */
export interface UnitPrograms {
  readonly exe: Digest | undefined;
  readonly program: Digest | undefined;
}

type DigestContext = Pick<SessionContext, 'files' | 'proc'>;

/**
 * Digests the programs of a unit.
 *
 * What runs is the file on disk as long as that is the very one that was launched; one that has been replaced can still
 * be read through its process, unless it was a script: then nobody can tell.
 */
export async function digestPrograms(
  status: UnitStatus,
  path: string | undefined,
  cache: ProgramDigests,
  context: DigestContext,
): Promise<UnitPrograms> {
  const stamp = path === undefined ? undefined : await stampProgram(path, context);
  const program = stamp && (await digestFile(stamp.path, stamp, cache, context));
  if (status.is !== 'running') return { exe: program, program };
  const { record, identity } = status;
  const launched = record.program;
  const now = await stampProgram(launched.path, context);
  if (now && stampKey(now) === stampKey(launched)) {
    return { exe: await digestFile(launched.path, launched, cache, context), program };
  }
  const link = context.proc.link(identity.pid, 'exe');
  const isProgramItself = link?.replace(/ \(deleted\)$/, '') === launched.path;
  if (!isProgramItself) return { exe: undefined, program };
  return { exe: await digestFile(context.proc.programPath(identity.pid), launched, cache, context), program };
}

function digestFile(
  path: string,
  stamp: ProgramStamp,
  cache: ProgramDigests,
  { files }: DigestContext,
): Promise<Digest | undefined> {
  const key = stampKey(stamp);
  const known = cache.get(key) ?? hashFile(path, files);
  cache.set(key, known);
  return known;
}

async function hashFile(path: string, files: DigestContext['files']): Promise<Digest | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const part of files.stream(path)) hash.update(part as Buffer);
  } catch {
    return undefined; // Gone meanwhile, or not ours to read: nobody can tell.
  }
  return `sha256:${hash.digest('hex')}` as Digest;
}

function stampKey({ device, inode, size, modified }: ProgramStamp): string {
  return `${device}:${inode}:${size}:${modified}`;
}
