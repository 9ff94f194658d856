import { isAbsolute, join } from 'node:path';
import type { ProgramStamp } from '../model/process-record.ts';
import type { SessionContext } from './context.ts';

type ProgramContext = Pick<SessionContext, 'files'>;

/** Where a unit's program is looked for. */
export interface ProgramSearch {
  /** The first argument. */
  readonly name: string;
  /** Absolute. */
  readonly directory: string;
  /** `PATH` of the unit. */
  readonly path: string | undefined;
}

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Finds the file of a program as the kernel would: by its path, or along `PATH`; `undefined` if none can be executed. */
export async function findProgram(
  { name, directory, path }: ProgramSearch,
  context: ProgramContext,
): Promise<string | undefined> {
  if (name.includes('/')) {
    const file = isAbsolute(name) ? name : join(directory, name);
    return (await isExecutable(file, context)) ? file : undefined;
  }
  for (const folder of (path ?? SYSTEM_PATH).split(':')) {
    const file = join(isAbsolute(folder) ? folder : join(directory, folder), name);
    if (name !== '' && (await isExecutable(file, context))) return file;
  }
  return undefined;
}

/** What tells a program file from the one that replaces it; `undefined` if there is none. */
export async function stampProgram(path: string, { files }: ProgramContext): Promise<ProgramStamp | undefined> {
  const found = await files.stat(await files.realPath(path).catch(() => path));
  if (!found) return undefined;
  const { device, inode, size, modified } = found;
  return { path, device, inode, size, modified };
}

/** Whether a directory is there, behind links too. */
export async function isDirectory(path: string, { files }: ProgramContext): Promise<boolean> {
  return (await files.stat(await files.realPath(path).catch(() => path)))?.kind === 'directory';
}

async function isExecutable(file: string, { files }: ProgramContext): Promise<boolean> {
  const found = await files.stat(await files.realPath(file).catch(() => file)).catch(() => undefined);
  return found?.kind === 'file' && (found.mode & 0o111) !== 0;
}
