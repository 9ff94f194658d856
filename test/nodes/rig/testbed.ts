import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { nodesCommands, type NodesCommandsSetup } from '../../../src/nodes/commands.ts';
import { nodesLayer } from '../../../src/nodes/layer.ts';
import type { FaultFile } from '../../../src/nodes/lab/faults.ts';
import { createDaemons } from '../../../src/platform/daemon.ts';
import { listenOnLoopback } from '../../../src/platform/http-server.ts';
import type { Context } from '../../../src/platform/context.ts';
import type { Layer } from '../../../src/snapshot/layer.ts';
import { snapshotRig, type SnapshotRig } from '../../rig/snapshots.ts';
import { testContext } from '../../rig/context.ts';
import { ownerState } from '../../../src/platform/host.ts';
import type { NodesCommands } from '../../../src/cli/commands/nodes/contract.ts';

/** A workspace whose nodes are those of a real lab on loopback. The lab ends with it. */
export interface Testbed extends AsyncDisposable {
  readonly rig: SnapshotRig;
  readonly setup: NodesCommandsSetup;
  readonly commands: NodesCommands;
  /** The names of all nodes. */
  readonly names: readonly string[];
  /** Replaces the faults of the lab. */
  readonly break: (faults: FaultFile) => Promise<void>;
  /** The power of all nodes, as `status` has it. */
  readonly power: () => Promise<Readonly<Record<string, string | undefined>>>;
}

const PROCESS = fileURLToPath(new URL('lab-process.ts', import.meta.url));

/** What one node may take in tests, in ms. */
export const LIMITS = { limitMs: 30_000 };

/** Makes a workspace and starts its lab with `count` nodes; 0 starts none. */
export async function testbed(
  count: number,
  options: { readonly variables?: Context['variables'] } = {},
): Promise<Testbed> {
  const { host } = testContext();
  const layer = nodesLayer({ ownerState: (owner) => ownerState(owner, host) }) as Layer;
  const rig = await snapshotRig({ layers: [layer], effects: { variables: options.variables ?? {} } });
  const daemons = createDaemons([process.execPath, PROCESS], host);
  const { context } = rig;
  const setup: NodesCommandsSetup = {
    ...context,
    ...{ daemons, listen: listenOnLoopback, nodesState: join(context.state, 'nodes') },
    store: async () => context.store,
  };
  const commands: NodesCommands = nodesCommands(setup);
  const lab = count === 0 ? undefined : await commands.labUp({ count });
  const names = lab?.nodes.map(({ name }) => name) ?? [];
  return {
    ...{ rig, setup, commands, names },
    break: (faults) => context.files.write(join(setup.nodesState, 'lab', 'faults.json'), JSON.stringify(faults)),
    power: async () => {
      const results = await commands.status(names, LIMITS);
      return Object.fromEntries(results.map(({ node, power }) => [node, power]));
    },
    [Symbol.asyncDispose]: async () => {
      await commands.labDown();
      await rig[Symbol.asyncDispose]();
    },
  };
}
