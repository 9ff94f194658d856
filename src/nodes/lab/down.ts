import { RestageError } from '../../errors.ts';
import { removeLoadRecord } from '../load-record.ts';
import { releaseLock, takeLock } from '../locks.ts';
import { labPaths } from './lab-file.ts';
import { readDaemon } from './serve.ts';
import { elsewhere, readLab, type LabContext } from './up.ts';

/** How long the process of a lab has to end by itself, in ms. */
const GRACE_MS = 3000;
const LOCK_MS = 20_000;

/** Ends the lab and removes all of it; says whether there was one. */
export async function labDown(context: LabContext): Promise<{ readonly wasUp: boolean }> {
  const { files, random, daemons, labDirectory } = context;
  const run = `lab-${random.hex(4)}`;
  const locked = await takeLock('lab', run, LOCK_MS, context);
  if (!locked.ok) throw new RestageError('lab/busy', `the lab is being started or ended: ${locked.detail}`);
  try {
    const lab = await readLab(context);
    const daemon = await readDaemon(labPaths(labDirectory).daemon, context);
    if (daemon && (await daemons.end(daemon.process, GRACE_MS)) === 'elsewhere') throw elsewhere();
    for (const { name } of lab?.nodes ?? []) await removeLoadRecord(name, context);
    await files.remove(labDirectory);
    return { wasUp: lab !== undefined };
  } finally {
    await releaseLock('lab', run, context);
  }
}
