import type { PowerFeed } from '../../model/inventory.ts';
import type { PowerState } from '../../model/node.ts';
import type { Context } from '../../platform/context.ts';
import type { Probe } from '../../snapshot/layer.ts';
import type { Answer } from '../answer.ts';

/** All that a power driver may touch; `signal` is that of the node at hand. */
export type PowerContext = Pick<Context, 'fetch' | 'exec' | 'clock' | 'signal'>;

/**
 * One kind of switch for nodes and outlets.
 *
 * Order: any; every operation may repeat, and `on` of what is on is fine, as is `off` of what is off. No operation
 * throws for what a device does or fails to do, but for an aborted signal. Each ends by itself within 4 s.
 *
 * `status` answers what it can believe and nothing else: silence, nonsense and half an answer are `power-unknown`, and
 * never `off`. That an operation was accepted says nothing about the device: the caller reads `status` again.
 */
export interface PowerDriver {
  /** The word that stands in inventories. It never changes. */
  readonly id: string;
  /** One line for `nodes doctor`. */
  readonly summary: string;
  /** Optional abilities; absent means no. Without `reset` the caller switches off and on; without `info` there is none. */
  readonly supports: { readonly reset?: boolean; readonly info?: boolean };
  /** Whether the driver can work on this machine. Answers within 1 s, never throws. */
  probe(context: PowerContext): Promise<Probe>;
  status(feed: PowerFeed, context: PowerContext): Promise<Answer<PowerState>>;
  on(feed: PowerFeed, context: PowerContext): Promise<Answer>;
  off(feed: PowerFeed, context: PowerContext): Promise<Answer>;
  /** Starts a node again; one that is off is on afterwards. */
  reset(feed: PowerFeed, context: PowerContext): Promise<Answer>;
  /** What the device says about itself, for people. */
  info(feed: PowerFeed, context: PowerContext): Promise<Answer<string>>;
}

/** Returns its argument, checked. */
export function definePowerDriver(driver: PowerDriver): PowerDriver {
  return driver;
}
