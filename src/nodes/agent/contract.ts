import type { Readable } from 'node:stream';
import type { Digest } from '../../model/id.ts';
import type { InventoryNode } from '../../model/inventory.ts';
import type { Context } from '../../platform/context.ts';
import type { Answer } from '../answer.ts';

/** All that an agent driver may touch; `signal` is that of the node at hand. */
export type AgentContext = Pick<Context, 'fetch' | 'clock' | 'signal'>;

/** What is to be on the disk. */
export interface DiskContent {
  readonly digest: Digest;
  readonly size: number;
  readonly stream: () => Promise<Readable>;
}

/**
 * One kind of agent: the small system that a node starts instead of its disk, and that writes the disk.
 *
 * Order for a load: the boot entry is armed and the node restarted, then `await`, `write` and `finish`. `await`
 * answers once the agent does; `write` marks the disk as incomplete before it changes anything and takes the mark away
 * last, so that a disk written half-way does not boot, and answers ok only when the disk reads back as `digest`; it
 * may repeat. `finish` starts the node from its disk, or leaves it to be switched off.
 *
 * `read` gives the whole disk of a running node without disturbing it, and `hash` its digest: for drivers that support
 * `liveCopy`. No operation throws for what a node does, but for an aborted signal.
 */
export interface AgentDriver {
  /** The word that stands in inventories. */
  readonly id: string;
  readonly summary: string;
  readonly supports: { readonly liveCopy?: boolean };
  await(node: InventoryNode, limitMs: number, context: AgentContext): Promise<Answer>;
  write(node: InventoryNode, content: DiskContent, context: AgentContext): Promise<Answer>;
  finish(node: InventoryNode, context: AgentContext): Promise<Answer>;
  hash(node: InventoryNode, context: AgentContext): Promise<Answer<Digest>>;
  read(node: InventoryNode, context: AgentContext): Promise<Answer<Buffer>>;
}

/** Returns its argument, checked. */
export function defineAgentDriver(driver: AgentDriver): AgentDriver {
  return driver;
}
