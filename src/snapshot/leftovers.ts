import { basename, dirname, join } from 'node:path';
import type { Context } from '../platform/context.ts';

/** ms after which a temporary file that nobody has written to is one of a process that was killed. */
const OLD = 10 * 60_000;

/** Removes the temporary files that killed processes have left beside a file: `FILE.….tmp`. */
export async function removeLeftovers(file: string, { files, clock }: Pick<Context, 'files' | 'clock'>): Promise<void> {
  const prefix = `${basename(file)}.`;
  for (const { name, kind } of await files.list(dirname(file))) {
    if (kind !== 'file' || !name.startsWith(prefix) || !/^[\w-]+\.tmp$/.test(name.slice(prefix.length))) continue;
    const path = join(dirname(file), name);
    const stat = await files.stat(path);
    if (stat && clock.now() - stat.modified > OLD) await files.remove(path);
  }
}
