import { RestageError } from '../../errors.ts';
import type { Digest } from '../../model/id.ts';
import type { StoreContext } from '../engines/contract.ts';
import type { HistoryPlane } from './open-history.ts';
import { parsePointer } from './pointer.ts';

/** No pointer is longer. */
const LONGEST_POINTER = 200;

/**
 * The digests that any object of the history points to: every pointer in every version, on every branch, and those that
 * nothing reaches any more. Too many is safe, one too few is not.
 */
export async function liveDigests(
  { gitDirectory, objects }: HistoryPlane,
  { exec }: Pick<StoreContext, 'exec'>,
): Promise<ReadonlySet<Digest>> {
  const format = '--batch-check=%(objectname) %(objecttype) %(objectsize)';
  const args = [
    '-c',
    'safe.directory=*',
    `--git-dir=${gitDirectory}`,
    'cat-file',
    '--batch-all-objects',
    '--unordered',
  ];
  const { stdout } = await exec('git', [...args, format], { expect: [0] });
  const live = new Set<Digest>();
  for (const line of stdout.split('\n')) {
    const [id, kind, size] = line.split(' ');
    if (id === undefined || kind !== 'blob' || Number(size) > LONGEST_POINTER) continue;
    const object = await objects.read(id);
    if (!object) throw new RestageError('store/damaged', `blob ${id} is missing in ${gitDirectory}`);
    const pointer = parsePointer(object.body);
    if (pointer) live.add(pointer.digest);
  }
  return live;
}
