import type { Readable } from 'node:stream';
import { dirname } from 'node:path';
import type { Digest } from '../model/id.ts';
import type { Inventory, InventoryNode } from '../model/inventory.ts';
import type { PowerState } from '../model/node.ts';
import { timeText } from '../model/time.ts';
import { DONE, failure, type Answer } from './answer.ts';
import type { AgentDriver } from './agent/contract.ts';
import type { NodesContext } from './context.ts';
import { removeLoadRecord, writeLoadRecord, type LoadRecord } from './load-record.ts';
import { eagerPause, readRemoteFacts, waitForRemote } from './remote-facts.ts';
import { disarmNode, type Run } from './runs.ts';
import { resetPower, switchPower } from './switch.ts';

/** What is to be on the disk of a node. */
export interface WantedImage {
  readonly image: Digest;
  readonly name?: string | undefined;
  readonly size: number;
  readonly stream: () => Promise<Readable>;
}

/** How long a node may take until its agent answers, and until its new system does, in seconds; `nodes.boot_timeout`. */
const BOOT_SECONDS = 120;

/**
 * Puts an image on the disk of a node, whatever state it is in, and leaves it on or off as `end` says.
 *
 *   arm ─▶ restart ─▶ agent answers ─▶ disarm ─▶ write, read back ─▶ start from disk ─▶ system answers
 *                          │ no: once more                              or off
 *
 * Each effect is journalled before it is performed. The boot entry is taken away however this ends; a disk that was not
 * written whole is marked and does not boot. May be repeated at any time, from any state.
 */
export async function loadImage(
  node: InventoryNode,
  wanted: WantedImage,
  end: PowerState,
  run: Run,
  inventory: Inventory,
  context: NodesContext,
): Promise<Answer> {
  const agent = context.agentDrivers.find(({ id }) => id === node.agent);
  if (!agent) return failure('no-agent', `there is no agent ${node.agent} here that could write its disk`);
  const started = await startAgent(node, agent, run, inventory, context);
  if (!started.ok) return started;
  const written = await run.perform(node.name, 'write', { image: wanted.image }, async () => {
    // What we knew of the disk is over with its first changed block.
    await removeLoadRecord(node.name, context);
    return agent.write(node, { digest: wanted.image, size: wanted.size, stream: wanted.stream }, context);
  });
  if (!written.ok) return written;
  const record: LoadRecord = {
    ...{ v: 1, node: node.name, image: wanted.image, run: run.id, verified: timeText(context.clock.now()) },
    ...(wanted.name !== undefined && { name: wanted.name }),
  };
  await writeLoadRecord(record, context);
  if (end === 'off')
    return run.perform(node.name, 'power', { to: 'off' }, () => switchPower(node, 'off', context)).then(plain);
  const left = await run.perform(node.name, 'power', { to: 'disk' }, () => agent.finish(node, context));
  return left.ok ? confirmSystem(node, record, context) : left;
}

async function startAgent(
  node: InventoryNode,
  agent: AgentDriver,
  run: Run,
  inventory: Inventory,
  context: NodesContext,
): Promise<Answer> {
  const [way] = node.boot;
  const boot = context.bootDrivers.find(({ id }) => id === way?.driver);
  if (!way || !boot) return failure('arm-failed', `there is no way here to boot its agent`);
  const place = { node, base: dirname(inventory.origin), directory: way.directory };
  try {
    await run.perform(node.name, 'arm', { via: boot.id }, async () => {
      await boot.arm(place, run.id, context);
      return DONE;
    });
    let last: Answer = DONE;
    for (let attempt = 0; attempt < 2; attempt++) {
      const reset = await run.perform(node.name, 'power', { to: 'agent' }, () => resetPower(node, context));
      last = reset.ok ? await agent.await(node, bootLimitMs(context), context) : reset;
      if (last.ok || last.code === 'power-unknown') break;
    }
    return last;
  } finally {
    await run.perform(node.name, 'disarm', { via: boot.id }, async () => {
      await disarmNode(node, inventory, context);
      return DONE;
    });
  }
}

/** Waits for the new system, looks that it is not the agent, and keeps what its stamp says. */
async function confirmSystem(node: InventoryNode, record: LoadRecord, context: NodesContext): Promise<Answer> {
  const up = await waitForRemote(node, bootLimitMs(context), eagerPause, context);
  if (!up.ok) return up;
  const facts = await readRemoteFacts(node, context);
  if (!facts.ok) return facts;
  const stamp = facts.value.stamp.at(-1);
  if (stamp !== undefined) await writeLoadRecord({ ...record, stamp }, context);
  return DONE;
}

function bootLimitMs({ configuration }: NodesContext): number {
  const seconds = Number(configuration.get('nodes', 'boot_timeout') ?? BOOT_SECONDS);
  return (seconds > 0 ? seconds : BOOT_SECONDS) * 1000;
}

function plain(answer: Answer<unknown>): Answer {
  return answer.ok ? DONE : answer;
}
