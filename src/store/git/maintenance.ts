import { RestageError } from '../../errors.ts';
import type { StoreContext } from '../engines/contract.ts';
import type { Locks } from '../lock.ts';

/** Keeps the number of packs small, in the background. */
export interface Maintenance {
  /** Says that packs have been written. */
  wrote(): void;
  /** Resolves when nothing runs any more. */
  drain(): Promise<void>;
}

/** Packs at which they are consolidated: git's fresh processes slow down with their number. */
export const PACK_LIMIT = 200;
/** Writes between two looks at the directory. */
const LOOK_EVERY = 20;

/** Depth and window are small: readers follow chains of deltas, and writers need the processor. */
const SETTINGS = ['gc.auto=0', 'pack.threads=1', 'pack.depth=12', 'pack.window=6', 'repack.writeBitmaps=false'];

/**
 * Consolidates packs with `git repack --geometric`, at most one process at a time. Writers protect their packs with
 * `.keep` until their ref is there, and readers find what has moved: nobody waits.
 */
export function createMaintenance(
  { gitDirectory, lockFile, locks, limit = PACK_LIMIT }: MaintenancePlace,
  { exec, files, emit }: Pick<StoreContext, 'exec' | 'files' | 'emit'>,
): Maintenance {
  let writes = 0;
  let running: Promise<void> | undefined;
  const git = [
    '-c',
    'safe.directory=*',
    ...SETTINGS.flatMap((setting) => ['-c', setting]),
    `--git-dir=${gitDirectory}`,
  ];
  const consolidate = async (): Promise<void> => {
    const entries = await files.list(`${gitDirectory}/objects/pack`);
    if (entries.filter(({ name }) => name.endsWith('.pack')).length <= limit) return;
    const lock = await locks.tryTake(lockFile);
    if (!lock) return;
    try {
      await exec('git', [...git, 'repack', '-q', '--geometric=2', '-d', '--write-midx'], { expect: [0] });
      await exec('git', [...git, 'commit-graph', 'write', '--reachable', '--changed-paths'], { expect: [0] });
    } finally {
      await lock.release();
    }
  };
  const run = async (): Promise<void> => {
    try {
      await consolidate();
    } catch (error) {
      // The store works without; whoever looks after it should know.
      const message = error instanceof RestageError ? error.message : String(error);
      emit({ type: 'note', note: 'history-not-consolidated', details: { message } });
    } finally {
      running = undefined;
    }
  };
  return {
    wrote: () => {
      writes++;
      if (writes < LOOK_EVERY || running) return;
      writes = 0;
      running = run();
    },
    drain: async () => {
      await running;
    },
  };
}

/** Where maintenance works. */
export interface MaintenancePlace {
  readonly gitDirectory: string;
  readonly lockFile: string;
  readonly locks: Locks;
  readonly limit?: number;
}
