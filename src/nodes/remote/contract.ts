import type { InventoryNode } from '../../model/inventory.ts';
import type { Context } from '../../platform/context.ts';
import type { Answer } from '../answer.ts';

/** All that a remote driver may touch; `signal` is that of the node at hand. */
export type RemoteContext = Pick<Context, 'fetch' | 'exec' | 'clock' | 'signal'>;

/** How a program on the node ended, and what it printed. */
export interface RemoteResult {
  readonly status: number;
  readonly stdout: string;
}

/**
 * One way to run a program in the system of a node.
 *
 * No operation throws for what the node does or fails to do, but for an aborted signal. A node that does not answer,
 * refuses us or is still starting is `ssh-timeout`, within 4 s. A status is a result, whatever it is. Arguments are
 * plain words (letters, digits and `@%+=:,./-_`): nothing is quoted, and anything else is refused as a bug.
 */
export interface RemoteDriver {
  /** The word that stands in inventories as `ssh.driver`. */
  readonly id: string;
  /** One line for `nodes doctor`. */
  readonly summary: string;
  run(
    node: InventoryNode,
    file: string,
    args: readonly string[],
    context: RemoteContext,
  ): Promise<Answer<RemoteResult>>;
}

/** Returns its argument, checked. */
export function defineRemoteDriver(driver: RemoteDriver): RemoteDriver {
  return driver;
}

/** Whether a word means itself in every shell. */
export function isPlainWord(word: string): boolean {
  return /^[\w@%+=:,./-]+$/.test(word);
}
