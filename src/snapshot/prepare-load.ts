import { RestageError } from '../errors.ts';
import { LAYER_KINDS, type Digest, type LayerKind } from '../model/id.ts';
import type { Difference, LayerPlan, PlanStep, Remark } from '../model/plan.ts';
import type { LoadRequest } from '../model/request.ts';
import type { Layers, NotKeptRecord } from '../model/snapshot.ts';
import { captureLayers, readBody, type CapturedLayer } from './capture-layers.ts';
import { createContent } from './content.ts';
import type { SnapshotContext } from './context.ts';
import type { FoundSnapshot } from './find.ts';
import { holdContent } from './hold-content.ts';
import type { Content, Layer } from './layer.ts';
import { findInterruptedLoad, type UnfinishedLoad } from './load-journal.ts';

/** What a load would do to one layer. */
export interface LayerLoad {
  readonly kind: LayerKind;
  /** Absent where this machine has nothing of the layer: the plan then says that it is impossible. */
  readonly layer: Layer | undefined;
  readonly want: unknown;
  /** Which of the digests that `want` names can be read. */
  readonly available: ReadonlySet<Digest>;
  readonly plan: LayerPlan;
  /** What is different now: why the plan is what it is. */
  readonly differences: readonly Difference[];
}

/** A load that has been planned whole, before anything is touched. Who prepares it disposes it. */
export interface PreparedLoad extends AsyncDisposable {
  readonly verb: 'load' | 'undo';
  readonly request: Omit<LoadRequest, 'snapshot'>;
  readonly target: FoundSnapshot;
  readonly layers: readonly LayerLoad[];
  readonly content: Content;
  /** The interrupted load whose journal waits here, if any: this one ends it. */
  readonly unfinished?: UnfinishedLoad | undefined;
  /** Whether it is the same load, so that this one goes on with it and keeps its undo save. */
  readonly resumes: boolean;
  /** All steps in the order in which they are performed. */
  readonly steps: readonly PlanStep[];
}

/** What `--plan` prints. */
export interface PlanDocument {
  readonly schema: 'restage/plan/1';
  readonly verb: 'load' | 'undo';
  readonly name: string;
  readonly version?: string | undefined;
  readonly digest: Digest;
  /** Of the save: for an undo, before what it was made. */
  readonly message?: string | undefined;
  readonly resumes: boolean;
  readonly steps: readonly PlanStep[];
  readonly impossible: readonly (Remark & { readonly layer: LayerKind })[];
  readonly left: readonly (Remark & { readonly layer: LayerKind })[];
  readonly notKept: readonly NotKeptRecord[];
}

/** Which load is prepared, and for which verb. */
export interface PrepareLoad {
  readonly verb: 'load' | 'undo';
  readonly target: FoundSnapshot;
  readonly request: Omit<LoadRequest, 'snapshot'>;
  /** Forgets an interrupted load of something else. */
  readonly abandon?: boolean;
}

/**
 * Plans a load: compares the present state with the snapshot and asks each layer for its steps. Touches nothing.
 *
 * @throws {RestageError} `load/busy`, `load/interrupted` if an interrupted load of something else waits,
 * `layer/unavailable` if `only` names a layer that the snapshot does not have
 */
export async function prepareLoad(prepare: PrepareLoad, context: SnapshotContext): Promise<PreparedLoad> {
  const { verb, target, request } = prepare;
  const unfinished = await findInterruptedLoad(context, { refuseRunning: true });
  const resumes = unfinished !== undefined && isSame(unfinished, prepare);
  const kinds = kindsToLoad(target, request.only);
  const holder = await holdContent(target, context);
  const content = createContent(context.store, [holder]);
  const wanted: Layers = Object.fromEntries(kinds.map((kind) => [kind, target.snapshot.layers[kind]]));
  const live = await captureLayers(
    { only: kinds, purpose: 'compare', settings: request.settings, want: wanted },
    context,
    content,
  );
  const layers: LayerLoad[] = [];
  for (const kind of kinds) {
    const layer = context.layers.find((one) => one.kind === kind);
    const captured = live.captured.find((one) => one.kind === kind);
    if (layer && captured) layers.push(await planLayer(layer, captured, prepare, content));
    else layers.push(absentLayer(kind, kinds, live.skipped.find((one) => one.layer === kind)?.reason ?? ''));
  }
  const steps = orderSteps(layers);
  return {
    ...{ verb, request, target, layers, content, unfinished, resumes, steps },
    [Symbol.asyncDispose]: () => holder[Symbol.asyncDispose](),
  };
}

/** The plan of a prepared load as a document. */
export function planDocument({ verb, target, layers, steps, resumes }: PreparedLoad): PlanDocument {
  const { snapshot, version, label } = target;
  const remarks = (of: 'impossible' | 'left') =>
    layers.flatMap(({ kind, plan }) => plan[of].map((remark) => ({ layer: kind, ...remark })));
  const kinds = new Set(layers.map(({ kind }) => kind));
  return {
    ...{ schema: 'restage/plan/1', verb, name: label, version, digest: snapshot.digest },
    message: snapshot.record.message,
    ...{ resumes, steps, impossible: remarks('impossible'), left: remarks('left') },
    notKept: snapshot.record.notKept.filter(({ layer }) => kinds.has(layer)),
  };
}

/** Refuses a plan that cannot be performed whole, before the first step of any layer. */
export function refuseImpossible(plan: PlanDocument): void {
  const [first, ...others] = plan.impossible;
  if (!first) return;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  throw new RestageError('load/impossible', `${first.layer} ${first.item}: ${first.why}${more}`, {
    ...(first.hint !== undefined && { hint: first.hint }),
    details: { impossible: plan.impossible },
  });
}

/** All `stop` steps first, over all layers, then layer after layer. */
export function orderSteps(layers: readonly Pick<LayerLoad, 'plan'>[]): readonly PlanStep[] {
  const all = layers.flatMap(({ plan }) => plan.steps);
  return [...all.filter(({ phase }) => phase === 'stop'), ...all.filter(({ phase }) => phase === 'apply')];
}

/** The digests that a body names, wherever they stand in it. */
export function digestsIn(value: unknown, found = new Set<Digest>()): Set<Digest> {
  if (typeof value === 'string') {
    if (/^sha256:[0-9a-f]{64}$/.test(value)) found.add(value as Digest);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      digestsIn(key, found);
      digestsIn(member, found);
    }
  }
  return found;
}

/**
 * Whether a load goes on with an interrupted one. The way back is always open, and is a load of its own; anything else
 * would leave nobody knowing what state undo returns to.
 */
function isSame(unfinished: UnfinishedLoad, { verb, target, abandon = false }: PrepareLoad): boolean {
  if (abandon) return false;
  if (unfinished.verb === verb && unfinished.digest === target.snapshot.digest) return true;
  if (verb === 'undo') return false;
  throw new RestageError('load/interrupted', `a load of ${unfinished.name} was interrupted here`, {
    hint: finishHint(unfinished),
    details: { name: unfinished.name, verb: unfinished.verb },
  });
}

/** What to do about an interrupted load. */
export function finishHint({ verb, name, version }: UnfinishedLoad): string {
  if (verb === 'undo') return 'Finish it with `restage undo`';
  const again = version === undefined ? name : `${name}@${version.slice(0, 10)}`;
  return `Finish it with \`restage load ${again}\`, or go back with \`restage undo\``;
}

function kindsToLoad({ snapshot, label }: FoundSnapshot, only: readonly LayerKind[] | undefined): LayerKind[] {
  const missing = only?.find((kind) => snapshot.layers[kind] === undefined);
  if (missing) {
    const present = LAYER_KINDS.filter((kind) => snapshot.layers[kind] !== undefined);
    throw new RestageError('layer/unavailable', `${label} has no ${missing} layer`, {
      hint: `Choose among ${present.join(', ')}`,
      details: { layer: missing, present },
    });
  }
  return LAYER_KINDS.filter((kind) => snapshot.layers[kind] !== undefined && (only?.includes(kind) ?? true));
}

async function planLayer(
  layer: Layer,
  { capture }: CapturedLayer,
  { target, request }: PrepareLoad,
  content: Content,
): Promise<LayerLoad> {
  const { kind } = layer;
  const stored = target.snapshot.layers[kind];
  const want = stored && readBody(layer, stored, target.label);
  const available = new Set<Digest>();
  for (const digest of digestsIn(stored)) if (await content.has(digest)) available.add(digest);
  const plan = layer.plan(capture.body, want, { settings: request.settings, available });
  return { kind, layer, want, available, plan, differences: layer.diff(capture.body, want) };
}

function absentLayer(kind: LayerKind, kinds: readonly LayerKind[], why: string): LayerLoad {
  const others = kinds.filter((one) => one !== kind);
  const hint = others.length === 0 ? {} : { hint: `Leave it out with --only ${others.join(' ')}` };
  const plan = { steps: [], impossible: [{ item: 'is not here', why, ...hint }], left: [] };
  return { kind, layer: undefined, want: undefined, available: new Set(), plan, differences: [] };
}
