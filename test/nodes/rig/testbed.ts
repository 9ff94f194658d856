import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NodesCommands } from '../../../src/cli/commands/nodes/contract.ts';
import { nodesCommands, type NodesCommandsSetup } from '../../../src/nodes/commands.ts';
import type { FaultFile } from '../../../src/nodes/lab/faults.ts';
import { nodesLayer } from '../../../src/nodes/layer.ts';
import type { Context } from '../../../src/platform/context.ts';
import { createDaemons } from '../../../src/platform/daemon.ts';
import { ownerState } from '../../../src/platform/host.ts';
import { listenOnLoopback } from '../../../src/platform/http-server.ts';
import type { SnapshotContext } from '../../../src/snapshot/context.ts';
import type { Layer } from '../../../src/snapshot/layer.ts';
import { testContext } from '../../rig/context.ts';
import { snapshotRig, type SnapshotRig } from '../../rig/snapshots.ts';

/** A workspace whose nodes are those of a real lab on loopback. The lab ends with it. */
export interface Testbed extends AsyncDisposable {
  readonly rig: SnapshotRig;
  readonly setup: NodesCommandsSetup;
  readonly commands: NodesCommands;
  /** The names of all nodes. */
  readonly names: readonly string[];
  /** Where the state of the wing lies. */
  readonly state: string;
  /** Replaces the faults of the lab. */
  readonly break: (faults: FaultFile) => Promise<void>;
  /** The power of all nodes, as `status` has it. */
  readonly power: () => Promise<Readonly<Record<string, string | undefined>>>;
  /** The same workspace as another process sees it: other effects, same files and store. */
  readonly as: (overrides: Partial<SnapshotContext>) => NodesCommands;
}

/** How a testbed may differ from the usual one. */
export interface TestbedOptions {
  readonly variables?: Context['variables'];
  /** Values of the configuration by `section.key`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** The program of a lab, which needs no command line. */
export const LAB_PROCESS = fileURLToPath(new URL('lab-process.ts', import.meta.url));

/** What one node may take in tests, in ms. */
export const LIMITS = { limitMs: 30_000 };

/** Makes a workspace and starts its lab with `count` nodes; 0 starts none. */
export async function testbed(count: number, options: TestbedOptions = {}): Promise<Testbed> {
  const { host } = testContext();
  const layer = nodesLayer({ ownerState: (owner) => ownerState(owner, host) }) as Layer;
  const { settings = {}, variables = {} } = options;
  const rig = await snapshotRig({ layers: [layer], effects: { variables }, settings });
  const { context } = rig;
  const state = join(context.state, 'nodes');
  const setup: NodesCommandsSetup = {
    ...context,
    ...{ daemons: createDaemons([process.execPath, LAB_PROCESS], host), listen: listenOnLoopback, nodesState: state },
    store: async () => context.store,
  };
  const commands: NodesCommands = nodesCommands(setup);
  const lab = count === 0 ? undefined : await commands.labUp({ count });
  const names = lab?.nodes.map(({ name }) => name) ?? [];
  return {
    ...{ rig, setup, commands, names, state },
    break: (faults) => context.files.write(join(state, 'lab', 'faults.json'), JSON.stringify(faults)),
    power: async () => {
      const results = await commands.status(names, LIMITS);
      return Object.fromEntries(results.map(({ node, power }) => [node, power]));
    },
    as: ({ store = context.store, ...overrides }) =>
      nodesCommands({ ...setup, ...overrides, store: async () => store }),
    [Symbol.asyncDispose]: async () => {
      await commands.labDown();
      await rig[Symbol.asyncDispose]();
    },
  };
}
