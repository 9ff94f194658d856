import { join } from 'node:path';
import { RestageError } from '../errors.ts';
import type { Digest } from '../model/id.ts';
import type { Inventory, InventoryNode } from '../model/inventory.ts';
import { NodesLayerBody, type NodeFacts } from '../model/node.ts';
import { unreachable } from '../model/unreachable.ts';
import type { Daemons } from '../platform/daemon.ts';
import type { Capture, CaptureRequest, Kept, Layer, LayerContext } from '../snapshot/layer.ts';
import { DONE, type Answer } from './answer.ts';
import { describeNodes, diffNodes } from './compare.ts';
import { SHIPPED_DRIVERS, type NodesContext, type NodesDrivers } from './context.ts';
import { eachNode } from './each-node.ts';
import { readNodeFacts } from './facts.ts';
import { findInventory, inventoryPaths, openTestbed } from './find-inventory.ts';
import { findImageByStamp } from './image-store.ts';
import { loadImage } from './load-image.ts';
import { releaseLock, takeLock } from './locks.ts';
import { planNodes, type NodeStep } from './plan.ts';
import { eagerPause, waitForRemote } from './remote-facts.ts';
import { openRun, sweepRuns, type Run } from './runs.ts';
import { LOOK_LIMIT_MS, resolveSelection, windowOf } from './select.ts';
import { switchOutlet, switchPower } from './switch.ts';

/** What the layer needs besides the effects that the hall hands it. */
export interface NodesLayerOptions {
  readonly ownerState: Daemons['state'];
  readonly drivers?: NodesDrivers;
}

/** How long one node may take at a load, and how long a system may take to come up, in ms. */
const STEP_LIMIT_MS = 300_000;
const SYSTEM_LIMIT_MS = 60_000;
/** How long a disk may take to be copied, in ms. */
const COPY_LIMIT_MS = 300_000;

/** The nodes of a testbed: power, outlets, and the image on each disk. */
export function nodesLayer({
  ownerState,
  drivers = SHIPPED_DRIVERS,
}: NodesLayerOptions): Layer<NodesLayerBody, NodeStep> {
  const bind = (context: LayerContext): NodesContext => ({
    ...context,
    ...drivers,
    ownerState,
    directory: context.workspace,
    nodesState: join(context.state, 'nodes'),
    store: async () => context.store,
  });
  return {
    kind: 'nodes',
    summary: 'power and disk images of the nodes of a testbed',
    body: NodesLayerBody,

    async probe(context) {
      try {
        if (await findInventory(bind(context))) return { available: true };
        const [, ...paths] = inventoryPaths(bind(context));
        return { available: false, reason: `there is no inventory of nodes (${paths.join(', ')})` };
      } catch {
        // There is one that cannot be read: the capture says what is wrong with it.
        return { available: true };
      }
    },

    async capture(context, request) {
      return captureNodes(request, context, bind(context));
    },

    describe: describeNodes,
    diff: diffNodes,
    plan: planNodes,

    async apply(step, context) {
      await applyStep(step, context, bind(context));
    },

    // One dead node costs nobody but itself.
    laneOf: (step) => step.node,
  };
}

async function captureNodes(
  request: CaptureRequest,
  context: LayerContext,
  bound: NodesContext,
): Promise<Capture<NodesLayerBody>> {
  const { inventory, context: nodesContext } = await openTestbed(bound);
  const want = NodesLayerBody.safeParse(request.want).data;
  const nodes = await nodesOf(inventory, request, want, nodesContext);
  const kept = new Map<Digest, Kept>();
  const facts = await readAll(nodes, request, want, kept, context, nodesContext);
  const body: NodesLayerBody = {
    schema: 'restage/nodes-layer/1',
    testbed: inventory.testbed,
    whole: nodes.length === inventory.nodes.length,
    nodes: Object.fromEntries(nodes.map(({ name }, index) => [name, facts[index] ?? LATE])),
  };
  const unheld = await holdImages(body, kept, context);
  return {
    body,
    kept: [...kept.values()],
    notKept: unheld === 0 ? [] : [{ what: `image of ${unheld} node${unheld === 1 ? '' : 's'}` }],
    unresolved: unresolvedOf(body),
  };
}

/** The nodes that were asked for; for a snapshot of a part of the testbed, those that it has. */
async function nodesOf(
  inventory: Inventory,
  { settings }: CaptureRequest,
  want: NodesLayerBody | undefined,
  context: NodesContext,
): Promise<readonly InventoryNode[]> {
  const words = settings.nodes === undefined ? {} : { words: [settings.nodes] };
  const isAll = settings.nodes === undefined && settings.except === undefined;
  const chosen = isAll
    ? inventory.nodes
    : (await resolveSelection({ ...words, except: settings.except, whenEmpty: 'all' }, inventory, context)).nodes;
  if (!want || want.whole || settings.others === 'off') return chosen;
  return chosen.filter(({ name }) => want.nodes[name] !== undefined);
}

async function readAll(
  nodes: readonly InventoryNode[],
  { purpose, settings }: CaptureRequest,
  want: NodesLayerBody | undefined,
  kept: Map<Digest, Kept>,
  { content, store }: LayerContext,
  context: NodesContext,
): Promise<NodeFacts[]> {
  const { images, check } = settings;
  const identify = remembered((stamp) => findImageByStamp(stamp, store));
  const keep = async (disk: Uint8Array) => {
    const { digest, size } = await content.put(disk);
    kept.set(digest, { digest, size });
  };
  const limitMs = images === undefined || images === 'never' ? LOOK_LIMIT_MS : COPY_LIMIT_MS;
  return eachNode(
    nodes,
    { window: windowOf(context), limitMs },
    context,
    (node, signal) =>
      readNodeFacts(
        node,
        { images, check, want: want?.nodes[node.name], identify, keep: purpose === 'compare' ? undefined : keep },
        { ...context, signal },
      ),
    () => LATE,
  );
}

/** Adds the images that the store has to what the snapshot holds on to, and counts the nodes whose image it has not. */
async function holdImages(
  body: NodesLayerBody,
  kept: Map<Digest, Kept>,
  { content, store }: LayerContext,
): Promise<number> {
  let unheld = 0;
  const missing = new Set<Digest>();
  for (const { image } of Object.values(body.nodes)) {
    if (image.value !== null && !kept.has(image.value) && !missing.has(image.value)) {
      const blob = (await content.has(image.value)) ? await store.readBlob(image.value) : undefined;
      blob?.stream.destroy();
      if (blob) kept.set(image.value, { digest: image.value, size: blob.size });
      else missing.add(image.value);
    }
    if (image.value === null || !kept.has(image.value)) unheld++;
  }
  return unheld;
}

function unresolvedOf({ nodes }: NodesLayerBody) {
  return Object.entries(nodes).flatMap(([item, { power, image }]) => {
    if (power.value === null) return [{ item, why: `power unknown (${power.why})` }];
    return image.value === null ? [{ item, why: `image unknown (${image.why})` }] : [];
  });
}

/** A node that did not answer within its limit. */
const LATE: NodeFacts = {
  power: { value: null, how: 'unknown', why: 'power-unknown' },
  outlets: {},
  image: { value: null, how: 'unknown', why: 'deadline-passed' },
  drift: { value: null, how: 'unknown', why: 'not-checked' },
};

async function applyStep(step: NodeStep, layer: LayerContext, bound: NodesContext): Promise<void> {
  const { inventory, context } = await openTestbed(bound);
  const node = inventory.nodes.find(({ name }) => name === step.node);
  if (!node) throw new RestageError('selector/unknown-node', `no node ${step.node} in ${inventory.origin}`);
  await sweepRuns(inventory, context);
  const run = await openRun('load', [{ action: step.action, item: step.item, to: step.to ?? null }], context);
  const answer = await withLock(node, run, context, () => performStep(step, node, run, inventory, layer, context));
  await run.end();
  if (!answer.ok) throw new RestageError(`node/${answer.code}`, `${node.name}: ${answer.detail}`);
}

async function withLock(
  { name }: InventoryNode,
  run: Run,
  context: NodesContext,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const locked = await takeLock(name, run.id, STEP_LIMIT_MS, context);
  if (!locked.ok) return locked;
  try {
    return await work();
  } finally {
    await releaseLock(name, run.id, context);
  }
}

async function performStep(
  step: NodeStep,
  node: InventoryNode,
  run: Run,
  inventory: Inventory,
  { content, store }: LayerContext,
  context: NodesContext,
): Promise<Answer> {
  switch (step.action) {
    case 'power': {
      const answer = await run.perform(node.name, 'power', { to: step.to }, () => switchPower(node, step.to, context));
      // What comes after the nodes wants to reach them; one that stays silent is the next capture's to report.
      if (answer.ok && step.to === 'on') await waitForRemote(node, SYSTEM_LIMIT_MS, eagerPause, context);
      return answer.ok ? DONE : answer;
    }
    case 'outlet': {
      const { outlet, to } = step;
      const answer = await run.perform(node.name, 'outlet', { outlet, to }, () =>
        switchOutlet(node, outlet, to, context),
      );
      return answer.ok ? DONE : answer;
    }
    case 'image': {
      const blob = await store.readBlob(step.image);
      blob?.stream.destroy();
      const wanted = {
        image: step.image,
        name: step.name,
        size: blob?.size ?? 0,
        stream: () => content.stream(step.image),
      };
      return loadImage(node, wanted, step.power, run, inventory, context);
    }
    default:
      return unreachable(step);
  }
}

/** Asks once for each stamp. */
function remembered<Value>(
  find: (stamp: readonly string[]) => Promise<Value>,
): (stamp: readonly string[]) => Promise<Value> {
  const known = new Map<string, Promise<Value>>();
  return (stamp) => {
    const key = stamp.at(-1) ?? '';
    const value = known.get(key) ?? find(stamp);
    known.set(key, value);
    return value;
  };
}
