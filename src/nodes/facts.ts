import type { Buffer } from 'node:buffer';
import { digestOf } from '../model/digest.ts';
import type { InventoryNode } from '../model/inventory.ts';
import type { ImageFact, NodeFacts, PowerState } from '../model/node.ts';
import type { LayerSettings } from '../model/request.ts';
import type { Answer } from './answer.ts';
import type { AgentDriver } from './agent/contract.ts';
import type { NodesContext } from './context.ts';
import type { FoundImage } from './image-store.ts';
import { readLoadRecord } from './load-record.ts';
import { eagerPause, readRemoteFacts, waitForRemote, type RemoteFacts } from './remote-facts.ts';
import { readOutlet, readPower } from './switch.ts';

/** How the disks of nodes are looked at. */
export interface FactsRequest {
  readonly images: LayerSettings['images'];
  readonly check: LayerSettings['check'];
  /** What the snapshot at hand says of this node. */
  readonly want?: NodeFacts | undefined;
  /** Finds the save of ours that a stamp comes from. */
  readonly identify: (stamp: readonly string[]) => Promise<FoundImage | undefined>;
  /** Takes a copied disk; absent: nothing is kept. */
  readonly keep?: ((disk: Buffer) => Promise<void>) | undefined;
}

/** How long a node that is on may take until its system answers, in ms; it may have been switched on just now. */
const PATIENCE_MS = 2000;

/**
 * Reads what is known of a node; changes nothing.
 *
 * How a disk is known: `observed`, hashed now; `stamp`, its last line matches a save of ours; `assumed`, we wrote it
 * and nothing else is known; else `unknown`. A disk that we hash is one that shall be copied, one whose snapshot was
 * hashed too, or any with `check: blocks`.
 */
export async function readNodeFacts(
  node: InventoryNode,
  request: FactsRequest,
  context: NodesContext,
): Promise<NodeFacts> {
  const [power, outlets] = await Promise.all([
    readPower(node, context),
    Promise.all(
      Object.keys(node.outlets).map(async (name) => [name, factOf(await readOutlet(node, name, context))] as const),
    ),
  ]);
  const isOn = power.ok && power.value === 'on';
  const system = isOn ? await readSystem(node, context) : undefined;
  const agent = context.agentDrivers.find(({ id }) => id === node.agent);
  return {
    power: factOf(power),
    outlets: Object.fromEntries(outlets),
    ...(await diskFacts(node, system, agent, request, context)),
    ...diskOf(node, system, agent),
    ...(system && { boot: { kernel: system.kernel, how: 'observed' } }),
  };
}

async function readSystem(node: InventoryNode, context: NodesContext): Promise<RemoteFacts | undefined> {
  const first = await readRemoteFacts(node, context);
  if (first.ok) return first.value;
  const up = await waitForRemote(node, PATIENCE_MS, eagerPause, context);
  if (!up.ok) return undefined;
  const second = await readRemoteFacts(node, context);
  return second.ok ? second.value : undefined;
}

async function diskFacts(
  node: InventoryNode,
  system: RemoteFacts | undefined,
  agent: AgentDriver | undefined,
  request: FactsRequest,
  context: NodesContext,
): Promise<Pick<NodeFacts, 'image' | 'drift'>> {
  const image = await imageOf(node, system, request, context);
  const { images, check, want } = request;
  const isAsked = images === 'changed' || images === 'always' || check === 'blocks' || want?.image.how === 'observed';
  if (!isAsked || !system || agent?.supports.liveCopy !== true) return { image, drift: NOT_CHECKED };
  const disk = await agent.read(node, context);
  if (!disk.ok) return { image, drift: NOT_CHECKED };
  const value = digestOf(disk.value);
  if (images === 'always' || (images === 'changed' && image.value !== value)) await request.keep?.(disk.value);
  return {
    image: { value, ...(image.name !== undefined && { name: image.name }), how: 'observed' },
    drift: { value: 0, how: 'observed' },
  };
}

async function imageOf(
  { name: node }: InventoryNode,
  system: RemoteFacts | undefined,
  { identify }: FactsRequest,
  context: NodesContext,
): Promise<ImageFact> {
  const record = await readLoadRecord(node, context);
  if (!system) {
    if (!record) return { value: null, how: 'unknown', why: 'not-loaded-by-us' };
    return { value: record.image, ...(record.name !== undefined && { name: record.name }), how: 'assumed' };
  }
  const found = await identify(system.stamp);
  if (!found) return { value: null, ...stampName(system.stamp), how: 'unknown', why: 'stamp-unknown' };
  // A disk that was copied as it was has the stamp of the image it began with: our record says which copy it is.
  const isOurs = record?.name === found.name && (record.stamp ?? system.stamp.at(-1)) === system.stamp.at(-1);
  return { value: isOurs ? record.image : found.image, name: found.name, how: 'stamp' };
}

function stampName(stamp: readonly string[]): { readonly name?: string } {
  const [, name] = / - image (\S+) - /.exec(stamp.at(-1) ?? '') ?? [];
  return name === undefined ? {} : { name };
}

function diskOf(
  node: InventoryNode,
  system: RemoteFacts | undefined,
  agent: AgentDriver | undefined,
): Pick<NodeFacts, 'disk'> {
  if (!agent) return { disk: { path: node.disk, how: 'unknown', why: 'no-agent' } };
  if (!system) return {};
  const size = system.diskSize;
  return { disk: { path: node.disk, ...(size !== undefined && { size }), how: 'observed' } };
}

function factOf(answer: Answer<PowerState>): NodeFacts['power'] {
  return answer.ok ? { value: answer.value, how: 'observed' } : { value: null, how: 'unknown', why: answer.code };
}

const NOT_CHECKED: NodeFacts['drift'] = { value: null, how: 'unknown', why: 'not-checked' };
