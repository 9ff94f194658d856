import { join } from 'node:path';
import { LAYER_KINDS } from '../../src/model/id.ts';
import { createLocalContext } from '../../src/platform/local-context.ts';
import { ownerState } from '../../src/platform/host.ts';
import type { SnapshotContext } from '../../src/snapshot/context.ts';
import type { Layer } from '../../src/snapshot/layer.ts';
import { save } from '../../src/snapshot/save.ts';
import { directory } from '../../src/store/engines/directory.ts';
import { openJournal, readJournal } from '../../src/store/journal.ts';
import { jsonFileLayer } from './layers.ts';
import { load, undo } from './snapshots.ts';

/** Opens a workspace with the store of the directory engine and layers over JSON files, as one process would. */
export async function openHall(workspace: string): Promise<SnapshotContext & AsyncDisposable> {
  const context = createLocalContext(new AbortController().signal, () => undefined);
  const state = join(workspace, '.restage');
  const store = await directory.open({ directory: state, mode: 'create' }, context);
  return {
    ...context,
    ...{ workspace, state, store, directory: workspace },
    libraries: { user: join(workspace, '.user'), public: join(workspace, '.public') },
    configuration: { get: () => undefined, section: () => new Map(), sections: () => [] },
    layers: LAYER_KINDS.map((kind) => jsonFileLayer(kind) as Layer),
    journals: { open: (path) => openJournal(path, context.files), read: (path) => readJournal(path, context.files) },
    ownerState: (owner) => ownerState(owner, context.host),
    openStore: (place, mode) => directory.open({ directory: place, mode }, context),
    [Symbol.asyncDispose]: () => store.close(),
  };
}

if (import.meta.main) {
  const [workspace = '', work = ''] = process.argv.slice(2);
  await using hall = await openHall(workspace);
  if (work === 'save') await save({ name: 'y', settings: {} }, hall);
  else if (work === 'load') await load('x', hall);
  else await undo(hall);
}
