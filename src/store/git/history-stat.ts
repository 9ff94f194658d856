import type { StoreContext } from '../engines/contract.ts';
import type { HistoryPlane } from './open-history.ts';

/** How much the history is, on disk. */
export async function historyStat(
  { gitDirectory, objects, history }: HistoryPlane,
  { files }: Pick<StoreContext, 'files'>,
): Promise<{ readonly commits: number; readonly packs: number; readonly historyBytes: number }> {
  const head = await history.refresh();
  await objects.rescan();
  return {
    commits: head?.seq ?? 0,
    packs: objects.packs.size,
    historyBytes: await bytesBelow(`${gitDirectory}/objects`, files),
  };
}

async function bytesBelow(directory: string, files: StoreContext['files']): Promise<number> {
  let bytes = 0;
  for (const { name, kind } of await files.list(directory)) {
    const path = `${directory}/${name}`;
    bytes += kind === 'directory' ? await bytesBelow(path, files) : ((await files.stat(path))?.size ?? 0);
  }
  return bytes;
}
