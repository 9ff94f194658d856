import { RestageError } from '../../../errors.ts';
import { createContent, layerContext } from '../../../snapshot/content.ts';
import type { SnapshotContext } from '../../../snapshot/context.ts';
import type { CommandContext } from '../../command.ts';
import { countText, sizeText } from '../../render/quantity.ts';
import type { Check, CheckResult } from './contract.ts';

/** The workspace, its store and its layers; where there is no workspace, that alone. */
export async function snapshotChecks({ engine }: Pick<CommandContext, 'engine'>): Promise<readonly Check[]> {
  let snapshots: SnapshotContext;
  try {
    snapshots = await engine.snapshots({ mode: 'read' });
  } catch (error) {
    if (!(error instanceof RestageError)) throw error;
    const result = { available: false, reason: error.message } as const;
    return [{ ...WORKSPACE, remedy: error.hint, probe: async () => result }];
  }
  const { workspace } = snapshots;
  return [
    { ...WORKSPACE, probe: async () => ({ available: true, note: workspace }) },
    historyCheck(snapshots),
    mirrorCheck(snapshots),
    ...layerChecks(snapshots),
  ];
}

const WORKSPACE = { area: 'store', id: 'workspace', summary: 'an experiment that can be saved' } as const;

function historyCheck({ store }: SnapshotContext): Check {
  return {
    ...{ area: 'store', id: store.description.engine, summary: 'keeps what is saved' },
    remedy: 'restage verify --store',
    probe: () =>
      orReason(async () => {
        const { commits, historyBytes, chunkBytes } = await store.stat();
        const size = sizeText(historyBytes + chunkBytes);
        return `${countText(commits, 'commit')}, ${size} in ${store.description.place}`;
      }),
  };
}

function mirrorCheck({ configuration }: SnapshotContext): Check {
  const mirror = configuration.get('store', 'mirror');
  return {
    ...{ area: 'store', id: 'mirror', summary: 'a second copy of each save' },
    remedy: 'set store.mirror, or copy .restage/ to another disk',
    probe: async () => {
      if (mirror === undefined || mirror === '') return { available: false, reason: 'there is none' };
      return { available: true, note: mirror };
    },
  };
}

function layerChecks(snapshots: SnapshotContext): readonly Check[] {
  const context = layerContext(snapshots, createContent(snapshots.store));
  return snapshots.layers.map((layer) => ({
    ...{ area: 'layer', id: layer.kind, summary: layer.summary },
    probe: () => layer.probe(context),
  }));
}

async function orReason(look: () => Promise<string>): Promise<CheckResult> {
  try {
    return { available: true, note: await look() };
  } catch (error) {
    if (!(error instanceof RestageError)) throw error;
    return { available: false, reason: error.message };
  }
}
