import { dirname, relative } from 'node:path';
import type { Files } from './files.ts';

/** What stood where a link was to be made. */
export type LinkResult = 'made' | 'present' | 'taken';

/** Makes symbolic links to one program, so that it can be called by other names. */
export interface ProgramLinks {
  /** Where the program itself lies. */
  readonly directory: string;
  /** Makes a link; what is there stays. */
  readonly make: (path: string) => Promise<LinkResult>;
}

/** Links to `program`, an absolute path. */
export function createProgramLinks(
  program: string,
  files: Pick<Files, 'stat' | 'realPath' | 'makeLink' | 'makeDirectory'>,
): ProgramLinks {
  return {
    directory: dirname(program),
    make: async (path) => {
      const stat = await files.stat(path);
      if (stat) return stat.kind === 'link' && (await isSame(path, program, files)) ? 'present' : 'taken';
      await files.makeDirectory(dirname(path));
      // Relative, so that both may be moved together.
      await files.makeLink(relative(dirname(path), program), path);
      return 'made';
    },
  };
}

async function isSame(path: string, program: string, { realPath }: Pick<Files, 'realPath'>): Promise<boolean> {
  try {
    return (await realPath(path)) === (await realPath(program));
  } catch {
    return false; // A link to nothing belongs to whoever made it.
  }
}
