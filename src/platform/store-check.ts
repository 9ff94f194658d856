import { dirname, join } from 'node:path';
import type { Context } from './context.ts';
import type { ProgramCheck } from './program-checks.ts';

/**
 * Tries on the file system of a directory what the store relies on: a file that only one can create (`O_EXCL`), rename
 * over a file, fsync of a file and of a directory. What was tried is removed; where the directory is not there, the
 * nearest one above it is tried.
 */
export function fileSystemCheck(directory: string, { files, random }: Pick<Context, 'files' | 'random'>): ProgramCheck {
  return {
    ...{
      area: 'store',
      id: 'file-system',
      summary: 'creates, renames and syncs as the store needs it',
      required: true,
    },
    probe: async () => {
      const place = await nearestDirectory(directory, files);
      const first = join(place, `.restage-probe-${random.hex(4)}`);
      const second = `${first}-renamed`;
      try {
        if (!(await files.create(first, 'a'))) return { available: false, reason: `${first} is there already` };
        if (await files.create(first, 'b')) return { available: false, reason: 'a file can be created twice (O_EXCL)' };
        await files.write(second, 'c');
        await files.rename(first, second);
        await files.syncDirectory(place);
        if ((await files.readText(second)) !== 'a') return { available: false, reason: 'rename does not replace' };
        return { available: true };
      } catch (error) {
        return { available: false, reason: error instanceof Error ? error.message : String(error) };
      } finally {
        await Promise.allSettled([files.remove(first), files.remove(second)]);
      }
    },
  };
}

async function nearestDirectory(directory: string, files: Pick<Context['files'], 'exists'>): Promise<string> {
  let place = directory;
  while (place !== dirname(place) && !(await files.exists(place))) place = dirname(place);
  return place;
}
