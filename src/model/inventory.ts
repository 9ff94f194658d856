import { z } from 'zod';
import type { NodeId } from './id.ts';

/** A switch of a node: the driver by its id, and what the driver needs to find it. */
export const PowerFeed = z.looseObject({ driver: z.string(), host: z.string(), verbs: z.string().optional() });

/** A switch of a node. */
export type PowerFeed = z.infer<typeof PowerFeed>;

/** How a node's own system is reached: over ssh, or the loopback protocol of the simulated lab. */
export const RemoteSettings = z.strictObject({
  driver: z.string().default('ssh'),
  user: z.string().default('root'),
  port: z.number().int().default(22),
});

/** How a node's own system is reached. */
export type RemoteSettings = z.infer<typeof RemoteSettings>;

/** A way to make a node start its agent at the next boot; `directory` is relative to the inventory. */
export const BootWay = z.union([
  z.string().transform((driver) => ({ driver, directory: undefined as string | undefined })),
  z.strictObject({ driver: z.string(), directory: z.string().optional() }),
]);

const Shared = z.object({
  agent: z.string(),
  boot: z.array(BootWay),
  disk: z.string(),
  arch: z.string(),
  // Without the defaults of `RemoteSettings`: what an item leaves out comes from `defaults`.
  ssh: z.strictObject({ driver: z.string().optional(), user: z.string().optional(), port: z.int().optional() }),
});

/** One node of `inventory.yaml`. What is absent comes from `defaults`. */
const NodeItem = Shared.partial().extend({
  number: z.number().int().nonnegative(),
  control: z.strictObject({ host: z.string(), ip: z.string().optional(), mac: z.string().optional() }).optional(),
  power: z.array(PowerFeed).default([]),
  escalate: z.array(PowerFeed).default([]),
  outlets: z.record(z.string(), PowerFeed).default({}),
  at: z.tuple([z.number(), z.number()]).optional(),
});

/** The file `inventory.yaml`. */
export const InventoryFile = z.strictObject({
  testbed: z.string(),
  defaults: Shared.partial().strict().default({}),
  groups: z.record(z.string(), z.string()).default({}),
  nodes: z.record(z.string(), NodeItem.strict()),
});

/** The file `inventory.yaml`. */
export type InventoryFile = z.infer<typeof InventoryFile>;

/** A node with everything in its place. */
export interface InventoryNode {
  readonly name: NodeId;
  /** Its slot, unique in the inventory. */
  readonly number: number;
  readonly control: { readonly host: string; readonly ip?: string | undefined; readonly mac?: string | undefined };
  /** Several are feeds: on if any is on, off if all are off. */
  readonly power: readonly PowerFeed[];
  readonly outlets: Readonly<Record<string, PowerFeed>>;
  readonly ssh: RemoteSettings;
  readonly agent: string;
  readonly boot: readonly z.infer<typeof BootWay>[];
  readonly disk: string;
  readonly arch: string;
}

/** All nodes of a testbed. */
export interface Inventory {
  readonly testbed: string;
  /** The path of the file it was read from. */
  readonly origin: string;
  /** Ascending by number. */
  readonly nodes: readonly InventoryNode[];
  /** Selectors by the name that stands after `@`. */
  readonly groups: ReadonlyMap<string, string>;
}
