import type { InventoryNode } from '../../model/inventory.ts';
import type { Context } from '../../platform/context.ts';

/** All that a boot driver may touch. */
export type BootContext = Pick<Context, 'files'>;

/** A node's boot entry, bound to the inventory that it came from. */
export interface BootPlace {
  readonly node: InventoryNode;
  /** The folder of the inventory: relative directories begin there. */
  readonly base: string;
  readonly directory: string | undefined;
}

/** An entry that is there, and the run that made it. */
export interface BootEntry {
  readonly mac: string;
  readonly run: string;
}

/**
 * One way to make a node start its agent, and not its disk, at its next boot.
 *
 * Order: `arm`, then `disarm`; both may repeat, and `disarm` without `arm` is fine. An entry is durable when `arm` has
 * resolved and gone for good when `disarm` has; whoever arms has written to its journal before. `list` gives all
 * entries of ours, for the sweep after a crash.
 */
export interface BootDriver {
  /** The word that stands in inventories. */
  readonly id: string;
  readonly summary: string;
  arm(place: BootPlace, run: string, context: BootContext): Promise<void>;
  disarm(place: BootPlace, context: BootContext): Promise<void>;
  list(place: Omit<BootPlace, 'node'>, context: BootContext): Promise<readonly BootEntry[]>;
}

/** Returns its argument, checked. */
export function defineBootDriver(driver: BootDriver): BootDriver {
  return driver;
}
