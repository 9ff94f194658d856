import { RestageError } from '../errors.ts';
import { LAYER_KINDS, type Digest, type LayerKind } from '../model/id.ts';
import type { Difference } from '../model/plan.ts';
import type { DiffRequest, LayerSettings } from '../model/request.ts';
import type { Layers } from '../model/snapshot.ts';
import { captureLayers, layersOf, readBody } from './capture-layers.ts';
import { createContent } from './content.ts';
import type { SnapshotContext } from './context.ts';
import { findSnapshot } from './find.ts';
import { LIVE } from './name.ts';
import { digestOfLayers } from './snap-file.ts';

/** What two states differ in. */
export interface DiffReport {
  readonly schema: 'restage/diff/1';
  readonly from: DiffSide;
  readonly to: DiffSide;
  /** The layers that were compared. */
  readonly layers: readonly LayerKind[];
  readonly differences: readonly Difference[];
  /** Layers that could not be compared since one side does not have them, and why. They count as different. */
  readonly missing: readonly { readonly layer: LayerKind; readonly side: 'from' | 'to'; readonly why: string }[];
  readonly isSame: boolean;
}

/** One side of a comparison. */
export interface DiffSide {
  /** As it was asked for. */
  readonly snapshot: string;
  readonly digest: Digest;
}

/** A side with its content. */
interface State extends DiffSide {
  readonly layers: Layers;
  /** Why layers are not there that were asked for. */
  readonly absent: ReadonlyMap<LayerKind, string>;
}

/** Compares two snapshots, or one with the present state (`live`), of which only the layers concerned are captured. */
export async function diff(request: DiffRequest, context: SnapshotContext): Promise<DiffReport> {
  const { from: a, to: b, only, settings } = request;
  if (a === LIVE && b === LIVE) {
    throw new RestageError('cli/usage', 'both sides are `live`', { hint: 'Name a snapshot for one of them' });
  }
  const stored = { from: await readState(a, only, context), to: await readState(b, only, context) };
  const from = stored.from ?? (await liveState(stored.to?.layers ?? {}, settings, context));
  const to = stored.to ?? (await liveState(stored.from?.layers ?? {}, settings, context));
  const kinds = LAYER_KINDS.filter(
    (kind) => only?.includes(kind) ?? (from.layers[kind] ?? to.layers[kind]) !== undefined,
  );
  const missing = kinds.flatMap((layer) => {
    const side = from.layers[layer] === undefined ? 'from' : to.layers[layer] === undefined ? 'to' : undefined;
    if (side === undefined) return [];
    const why = (side === 'from' ? from : to).absent.get(layer) ?? 'the snapshot does not have it';
    return [{ layer, side, why } as const];
  });
  const layers = kinds.filter((kind) => !missing.some(({ layer }) => layer === kind));
  const differences = layers.flatMap((kind) => compareLayer(kind, from, to, context));
  return {
    ...{ schema: 'restage/diff/1', from: sideOf(from), to: sideOf(to), layers, differences, missing },
    isSame: differences.length === 0 && missing.length === 0,
  };
}

function sideOf({ snapshot, digest }: State): DiffSide {
  return { snapshot, digest };
}

async function readState(
  text: string,
  only: readonly LayerKind[] | undefined,
  context: SnapshotContext,
): Promise<State | undefined> {
  if (text === LIVE) return undefined;
  const { snapshot } = await findSnapshot(text, context);
  const kinds = LAYER_KINDS.filter((kind) => snapshot.layers[kind] && (only?.includes(kind) ?? true));
  const absent = (only ?? []).filter((kind) => !snapshot.layers[kind]);
  return {
    ...{ snapshot: text, digest: snapshot.digest },
    layers: Object.fromEntries(kinds.map((kind) => [kind, snapshot.layers[kind]])),
    absent: new Map(absent.map((kind) => [kind, 'the snapshot does not have it'])),
  };
}

async function liveState(want: Layers, settings: LayerSettings, context: SnapshotContext): Promise<State> {
  const only = LAYER_KINDS.filter((kind) => want[kind] !== undefined);
  const content = createContent(context.store);
  const { captured, skipped } = await captureLayers({ only, purpose: 'compare', settings, want }, context, content);
  const layers = layersOf(captured);
  return {
    ...{ snapshot: LIVE, digest: digestOfLayers(layers), layers },
    absent: new Map(skipped.map(({ layer, reason }) => [layer, reason])),
  };
}

function compareLayer(kind: LayerKind, from: State, to: State, context: SnapshotContext): readonly Difference[] {
  const [a, b] = [from.layers[kind], to.layers[kind]];
  const layer = context.layers.find((one) => one.kind === kind);
  if (!a || !b) return [];
  if (!layer) throw new RestageError('layer/unavailable', `this restage has no ${kind} layer`);
  return layer.diff(readBody(layer, a, from.snapshot), readBody(layer, b, to.snapshot));
}
