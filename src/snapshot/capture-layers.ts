import { RestageError } from '../errors.ts';
import { LAYER_KINDS, type LayerKind } from '../model/id.ts';
import type { LayerSettings } from '../model/request.ts';
import { LayerBody, type Layers } from '../model/snapshot.ts';
import type { SnapshotContext } from './context.ts';
import type { Capture, CaptureRequest, Content, Layer } from './layer.ts';
import { layerContext } from './content.ts';

/** What is to be captured, and why. */
export interface CaptureLayers {
  /** Absent: every layer that is there. With it, one that is not there is an error. */
  readonly only?: readonly LayerKind[] | undefined;
  readonly purpose: CaptureRequest['purpose'];
  readonly settings: LayerSettings;
  /** The state that is compared with. */
  readonly want?: Layers;
}

/** The present state of one layer. */
export interface CapturedLayer {
  readonly kind: LayerKind;
  readonly layer: Layer;
  readonly capture: Capture<LayerBody>;
  /** ms. */
  readonly duration: number;
}

/** The present state of all layers that are there. */
export interface CapturedLayers {
  readonly captured: readonly CapturedLayer[];
  /** Layers that have nothing here, and why. */
  readonly skipped: readonly { readonly layer: LayerKind; readonly reason: string }[];
}

/**
 * Captures layers one after the other, in the order of `LAYER_KINDS`.
 *
 * A layer that has nothing here is left out with its reason; one whose capture fails fails the whole, so that a
 * snapshot is never silently poorer than it looks.
 */
export async function captureLayers(
  request: CaptureLayers,
  context: SnapshotContext,
  content: Content,
): Promise<CapturedLayers> {
  const captured: CapturedLayer[] = [];
  const skipped: { layer: LayerKind; reason: string }[] = [];
  for (const kind of request.only ? LAYER_KINDS.filter((one) => request.only?.includes(one)) : LAYER_KINDS) {
    context.signal.throwIfAborted();
    const layer = context.layers.find((one) => one.kind === kind);
    const reason = layer ? await absence(layer, context, content) : `this restage has no ${kind} layer`;
    if (layer && reason === undefined) captured.push(await captureLayer(layer, request, context, content));
    else {
      skipped.push({ layer: kind, reason: reason ?? '' });
      context.emit({ type: 'layer-skipped', layer: kind, reason: reason ?? '' });
    }
  }
  return { captured, skipped };
}

/** The bodies of what was captured, as a snapshot holds them. */
export function layersOf(captured: readonly CapturedLayer[]): Layers {
  return Object.fromEntries(captured.map(({ kind, capture }) => [kind, capture.body]));
}

/** Reads a stored body with the schema of its layer. */
export function readBody(layer: Layer, body: LayerBody, where: string): unknown {
  const read = layer.body.safeParse(body);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const path = [layer.kind, ...(issue?.path ?? [])].join('.');
  throw new RestageError('snapshot/format', `${where}: ${path} ${issue?.message ?? 'cannot be read'}`, {
    details: { where, path },
  });
}

async function absence(layer: Layer, context: SnapshotContext, content: Content): Promise<string | undefined> {
  const probe = await layer.probe(layerContext(context, content));
  return probe.available ? undefined : probe.reason;
}

async function captureLayer(
  layer: Layer,
  { purpose, settings, want }: CaptureLayers,
  context: SnapshotContext,
  content: Content,
): Promise<CapturedLayer> {
  const began = context.clock.monotonic();
  const wanted = want?.[layer.kind];
  const found = await layer.capture(layerContext(context, content), {
    ...{ purpose, settings },
    ...(wanted && { want: readBody(layer, wanted, 'the snapshot') }),
  });
  const body = LayerBody.parse(found.body);
  const duration = Math.round(context.clock.monotonic() - began);
  return { kind: layer.kind, layer, capture: { ...found, body }, duration };
}
