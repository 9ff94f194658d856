import type { StoreContext } from '../engines/contract.ts';
import { isGone, parseOwner } from '../owner.ts';

/** A whole write takes less time than this, ms. What it leaves when it is killed does not say whose it was. */
const TEMPORARY_MS = 3_600_000;

/** Whether the writer of a pack or of an upload lives. `unknown`: there is no record of it, so it ended in order. */
export type WriterState = 'alive' | 'gone' | 'unknown';

/** Looks for the record of the writer that a name such as `0123456789abcdef-7` begins with. */
export async function writerState(root: string, name: string, context: StoreContext): Promise<WriterState> {
  const writer = `${root}/lock/writer-${name.split('-')[0] ?? ''}.json`;
  const owner = parseOwner((await context.files.readIfExists(writer)) ?? '');
  if (!owner) return 'unknown';
  return (await isGone(owner, context)) ? 'gone' : 'alive';
}

/** Removes what dead writers have left: temporary files, claimed names, and at last their records. */
export async function removeLeftovers(root: string, context: StoreContext): Promise<void> {
  const { files, clock } = context;
  for (const { name } of await files.list(`${root}/pack`)) {
    const isTemporary = name.endsWith('.idx.tmp') && (await writerState(root, name, context)) !== 'alive';
    if (isTemporary) await files.remove(`${root}/pack/${name}`);
  }
  for (const { name } of await files.list(`${root}/lock`)) {
    const writer = /^writer-([0-9a-f]+)[-.](?!.*tmp$)/.exec(name)?.[1];
    if (writer === undefined || name.endsWith('.json')) continue;
    if ((await writerState(root, writer, context)) !== 'alive') await files.remove(`${root}/lock/${name}`);
  }
  // The records go last: without them nobody could say that the rest is left over.
  for (const { name } of await files.list(`${root}/lock`)) {
    const writer = /^writer-([0-9a-f]+)\.json$/.exec(name)?.[1];
    if (writer === undefined) continue;
    if ((await writerState(root, writer, context)) === 'gone') await files.remove(`${root}/lock/${name}`);
  }
  for (const directory of [root, `${root}/lock`, `${root}/pack`]) {
    for (const { name } of await files.list(directory)) {
      if (!/\.\d+-\d+\.tmp$/.test(name)) continue;
      const modified = (await files.stat(`${directory}/${name}`))?.modified ?? Infinity;
      if (clock.now() - modified > TEMPORARY_MS) await files.remove(`${directory}/${name}`);
    }
  }
}
