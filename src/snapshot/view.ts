import { digestOfJson } from '../model/digest.ts';
import { LAYER_KINDS, type Digest, type LayerKind, type Version } from '../model/id.ts';
import type { LayerSettings } from '../model/request.ts';
import type { Layers, NotKeptRecord, Snapshot, UnresolvedRecord } from '../model/snapshot.ts';
import { captureLayers, layersOf, readBody } from './capture-layers.ts';
import { createContent } from './content.ts';
import type { SnapshotContext } from './context.ts';
import { findSnapshot, type FoundPlace } from './find.ts';
import { keptBytesOf } from './kept-bytes.ts';
import type { Description } from './layer.ts';
import { LIVE } from './name.ts';
import { digestOfLayers } from './snap-file.ts';

/** What is in a snapshot, for people. */
export interface SnapshotView {
  readonly schema: 'restage/view/1';
  readonly name: string;
  readonly place: FoundPlace | 'live';
  readonly file?: string | undefined;
  readonly version?: Version | undefined;
  readonly digest: Digest;
  /** Of each layer: equal digests, equal states. */
  readonly digests: Readonly<Partial<Record<LayerKind, Digest>>>;
  /** How it was saved; absent for `live`. */
  readonly saved?: SavedAs;
  readonly layers: readonly (Description & { readonly layer: LayerKind })[];
  readonly keptBytes: number;
  readonly notKept: readonly NotKeptRecord[];
  readonly unresolved: readonly UnresolvedRecord[];
}

/** How a snapshot was saved. */
export interface SavedAs {
  readonly name: string;
  readonly at: string;
  readonly by: string;
  readonly host: string;
  readonly message?: string | undefined;
}

/** Describes a snapshot, or the present state as `live`. */
export async function view(
  request: { readonly snapshot: string; readonly only?: readonly LayerKind[] | undefined },
  context: SnapshotContext,
): Promise<SnapshotView> {
  if (request.snapshot === LIVE) return viewLive(request.only, {}, context);
  const { snapshot, label, place, file, version } = await findSnapshot(request.snapshot, context);
  const { record, digest } = snapshot;
  const isShown = (kind: LayerKind) => request.only?.includes(kind) ?? true;
  return {
    ...{ schema: 'restage/view/1', name: label, place, file, version, digest, digests: record.digests },
    saved: savedAs(snapshot),
    layers: describe(snapshot.layers, label, context).filter(({ layer }) => isShown(layer)),
    keptBytes: keptBytesOf(snapshot),
    notKept: record.notKept.filter(({ layer }) => isShown(layer)),
    unresolved: record.unresolved.filter(({ layer }) => isShown(layer)),
  };
}

/** How a snapshot was saved, out of its record. */
export function savedAs({ record }: Snapshot): SavedAs {
  const { name, savedAt, savedBy, host, message } = record;
  return { name, at: savedAt, by: savedBy, host, message };
}

async function viewLive(
  only: readonly LayerKind[] | undefined,
  settings: LayerSettings,
  context: SnapshotContext,
): Promise<SnapshotView> {
  const { captured } = await captureLayers(
    { only, purpose: 'compare', settings },
    context,
    createContent(context.store),
  );
  const layers = layersOf(captured);
  return {
    ...{ schema: 'restage/view/1', name: LIVE, place: 'live', digest: digestOfLayers(layers) },
    digests: Object.fromEntries(captured.map(({ kind, capture }) => [kind, digestOfJson(capture.body)])),
    layers: describe(layers, LIVE, context),
    keptBytes: 0,
    notKept: captured.flatMap(({ kind, capture }) => capture.notKept.map((one) => ({ layer: kind, ...one }))),
    unresolved: captured.flatMap(({ kind, capture }) => capture.unresolved.map((one) => ({ layer: kind, ...one }))),
  };
}

function describe(layers: Layers, where: string, context: SnapshotContext): SnapshotView['layers'] {
  return LAYER_KINDS.flatMap((kind) => {
    const body = layers[kind];
    if (!body) return [];
    const layer = context.layers.find((one) => one.kind === kind);
    if (!layer) return [{ layer: kind, headline: `this restage has no ${kind} layer`, columns: [], rows: [] }];
    return [{ layer: kind, ...layer.describe(readBody(layer, body, where)) }];
  });
}
