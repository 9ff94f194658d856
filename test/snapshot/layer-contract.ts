import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { LAYER_KINDS, type Digest } from '../../src/model/id.ts';
import { canonicalJson } from '../../src/model/json.ts';
import { Difference, PlanStep } from '../../src/model/plan.ts';
import type { LayerSettings } from '../../src/model/request.ts';
import type { Layers } from '../../src/model/snapshot.ts';
import { digestsIn } from '../../src/snapshot/prepare-load.ts';
import { commitSave } from '../../src/snapshot/commit-save.ts';
import { createContent, layerContext } from '../../src/snapshot/content.ts';
import type { SnapshotContext } from '../../src/snapshot/context.ts';
import type { CaptureRequest, Content, Layer, PlanRequest } from '../../src/snapshot/layer.ts';
import { takeSnapshot } from '../../src/snapshot/save.ts';
import { storeWith } from '../rig/store-with.ts';

/** What the suite stands on: a workspace in which the layer is available. */
export interface LayerRig extends AsyncDisposable {
  readonly context: SnapshotContext;
  /** How it is captured and loaded. */
  readonly settings?: LayerSettings;
  /** Makes the present state another one, in every way that the layer can put back. Absent where that would harm. */
  readonly change?: () => Promise<void> | void;
  /** A workspace in which there is nothing of the layer. Absent where there always is something. */
  readonly nowhere?: SnapshotContext;
}

/** The promises of `Layer`, checked. A bug that any layer had once stays here as a check. */
export function layerContract(layer: Layer, start: () => Promise<LayerRig>): void {
  test('has a kind of the four and a one-line summary', () => {
    expect(LAYER_KINDS).toContain(layer.kind);
    expect(layer.summary).toMatch(/^[^\n]{5,80}[^.\n]$/);
  });

  test('is available where it is, and says why where it is not', async () => {
    await using rig = await start();
    expect(await layer.probe(contextOf(rig.context))).toEqual({ available: true });
    if (!rig.nowhere) return;
    expect(await layer.probe(contextOf(rig.nowhere))).toMatchObject({
      available: false,
      reason: expect.stringMatching(/./) as string,
    });
  });

  test('captures equal states as equal bytes, which its schema reads back as they are', async () => {
    await using rig = await start();
    const [first, second] = [await capture(layer, rig, 'save'), await capture(layer, rig, 'save')];
    expect(canonicalJson(second.body)).toBe(canonicalJson(first.body));
    expect(first.body).toMatchObject({ schema: `restage/${layer.kind}-layer/1` });
    expect(canonicalJson(layer.body.parse(JSON.parse(canonicalJson(first.body))))).toBe(canonicalJson(first.body));
  });

  test('captures the same body to compare, without storing anything', async () => {
    await using rig = await start();
    const saved = await capture(layer, rig, 'save');
    const refuse = () => Promise.reject(new Error('a capture to compare must store nothing'));
    const store = storeWith(rig.context.store, { commit: refuse, putBlob: refuse });
    const compared = await capture(layer, { ...rig, context: { ...rig.context, store } }, 'compare');
    expect(canonicalJson(compared.body)).toBe(canonicalJson(saved.body));
  });

  test('keeps what it says it keeps, under the digest that its body names', async () => {
    await using rig = await start();
    const { snapshot, content } = await saved(layer, rig);
    const named = digestsIn(snapshot.layers);
    // A kept manifest names what is kept for it.
    for (const { digest } of snapshot.record.kept) {
      const bytes = await content.read(digest);
      if (named.has(digest) && bytes.at(0) === 0x7b) digestsIn(JSON.parse(bytes.toString()), named);
    }
    for (const { digest, size } of snapshot.record.kept) {
      const bytes = await content.read(digest);
      expect(bytes.length).toBe(size);
      expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest);
      expect(named, 'a content that no body names cannot be found again').toContain(digest);
    }
  });

  test('describes itself in one line and a table whose rows have all columns', async () => {
    await using rig = await start();
    const { headline, columns, rows } = layer.describe(parsed(layer, (await capture(layer, rig, 'save')).body));
    expect(headline).toMatch(/^[^\n]+$/);
    for (const row of rows) expect(row).toHaveLength(columns.length);
  });

  test('has nothing to do where nothing differs', async () => {
    await using rig = await start();
    const { body, request } = await saved(layer, rig);
    expect(layer.diff(body, body)).toEqual([]);
    expect(layer.plan(body, body, request)).toMatchObject({ steps: [], impossible: [] });
  });

  test('names what differs, and puts it back; every step may be applied twice', async ({ skip }) => {
    await using rig = await start();
    if (!rig.change) return skip('a change would harm this machine');
    const { body: want, content, request, layers } = await saved(layer, rig);
    await rig.change();
    const have = parsed(layer, (await capture(layer, rig, 'undo', layers, content)).body);
    const differences = layer.diff(have, want);
    expect(differences).not.toEqual([]);
    for (const difference of differences) expect(Difference.parse(difference).layer).toBe(layer.kind);
    expect(layer.diff(have, want), 'a difference has one order').toEqual(differences);
    const plan = layer.plan(have, want, request);
    expect(plan.impossible).toEqual([]);
    expect(plan.steps).not.toEqual([]);
    for (const step of plan.steps) {
      expect(PlanStep.parse(step).layer).toBe(layer.kind);
      expect(JSON.parse(JSON.stringify(step)), 'a step is plain JSON').toEqual(step);
    }
    const inOrder = [...plan.steps].sort((a, b) => Number(b.phase === 'stop') - Number(a.phase === 'stop'));
    for (const step of inOrder.flatMap((once) => [once, once])) {
      await layer.apply(JSON.parse(JSON.stringify(step)) as PlanStep, layerContext(rig.context, content));
    }
    const after = parsed(layer, (await capture(layer, rig, 'compare', layers, content)).body);
    expect(layer.plan(after, want, request).steps).toEqual([]);
    const left = plan.left.map(({ item }) => item);
    if (left.length === 0) expect(layer.diff(after, want)).toEqual([]);
  });

  test('plans without any content of the store, and never throws for it', async () => {
    await using rig = await start();
    const { body: want, request } = await saved(layer, rig);
    await rig.change?.();
    const have = parsed(layer, (await capture(layer, rig, 'compare')).body);
    const plan = layer.plan(have, want, { ...request, available: new Set() });
    for (const remark of [...plan.impossible, ...plan.left]) expect(remark.why).toMatch(/./);
  });
}

function contextOf(context: SnapshotContext, content: Content = createContent(context.store)) {
  return layerContext(context, content);
}

async function capture(
  layer: Layer,
  { context, settings = {} }: LayerRig,
  purpose: CaptureRequest['purpose'],
  want?: Layers,
  content?: Content,
) {
  const wanted = want?.[layer.kind];
  return layer.capture(contextOf(context, content), {
    ...{ purpose, settings },
    ...(wanted && { want: parsed(layer, wanted) }),
  });
}

/** Saves the layer alone, as the hall would, and finds its content again as a load would. */
async function saved(layer: Layer, { context, settings = {} }: LayerRig) {
  const here = { ...context, layers: [layer] };
  const { snapshot } = await takeSnapshot({ only: [layer.kind], purpose: 'save', settings }, 'contract', here);
  const version = await commitSave(snapshot, here);
  const content = createContent(context.store, [{ snapshot, version }]);
  const named = digestsIn(snapshot.layers);
  const present = new Set<Digest>();
  for (const digest of named) if (await content.has(digest)) present.add(digest);
  const request: PlanRequest = { settings, available: present };
  return { snapshot, content, request, layers: snapshot.layers, body: parsed(layer, snapshot.layers[layer.kind]) };
}

function parsed(layer: Layer, body: unknown): unknown {
  return layer.body.parse(JSON.parse(canonicalJson(body)));
}
