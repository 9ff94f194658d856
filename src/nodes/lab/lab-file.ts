import { join } from 'node:path';
import { z } from 'zod';

/** What a lab is: `lab.json`, written when it is made, and never changed. Its folder is the lab. */
export const LabFile = z.object({
  v: z.literal(1),
  kind: z.literal('sim'),
  nodes: z.array(z.object({ name: z.string(), number: z.number(), mac: z.string() })),
});

/** What a lab is. */
export type LabFile = z.infer<typeof LabFile>;

/** The process that serves a lab, and the ports where its nodes and cards answer: `daemon.json`. */
export const DaemonFile = z.object({
  v: z.literal(1),
  process: z.object({ machineId: z.string(), bootId: z.string(), pid: z.number(), startTicks: z.number() }),
  ports: z.record(z.string(), z.object({ card: z.number(), node: z.number() })),
});

/** The process that serves a lab. */
export type DaemonFile = z.infer<typeof DaemonFile>;

/** What stays of a simulated node when its process is killed: `nodes/NODE.json`. */
export const SimState = z.object({
  power: z.enum(['on', 'off']),
  outlets: z.record(z.string(), z.enum(['on', 'off'])),
  /** What it started from at its last power-on. */
  system: z.enum(['disk', 'agent']),
  bootId: z.string(),
});

/** What stays of a simulated node. */
export type SimState = z.infer<typeof SimState>;

/** The files of a lab. */
export function labPaths(directory: string) {
  return {
    lab: join(directory, 'lab.json'),
    daemon: join(directory, 'daemon.json'),
    faults: join(directory, 'faults.json'),
    inventory: join(directory, 'inventory.yaml'),
    log: join(directory, 'daemon.log'),
    boot: join(directory, 'boot'),
    state: (node: string) => join(directory, 'nodes', `${node}.json`),
    disk: (node: string) => join(directory, 'nodes', `${node}.img`),
  };
}
