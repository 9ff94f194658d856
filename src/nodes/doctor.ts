import type { NodesContext } from './context.ts';
import { findInventory, inventoryPaths } from './find-inventory.ts';
import { RestageError } from '../errors.ts';

/** One thing that was looked at. */
export interface DoctorLine {
  readonly item: string;
  readonly ok: boolean;
  readonly text: string;
}

/** Looks at what the nodes wing needs: an inventory, and drivers for what it names. Changes nothing. */
export async function examineNodes(context: NodesContext): Promise<readonly DoctorLine[]> {
  const drivers = await Promise.all(
    context.powerDrivers.map(async (driver): Promise<DoctorLine> => {
      const probe = await driver.probe(context);
      const text = probe.available ? driver.summary : `${driver.summary}: not here, because ${probe.reason}`;
      return { item: `power ${driver.id}`, ok: probe.available, text };
    }),
  );
  return [...(await examineInventory(context)), ...drivers];
}

async function examineInventory(context: NodesContext): Promise<readonly DoctorLine[]> {
  const item = 'inventory';
  try {
    const inventory = await findInventory(context);
    if (!inventory) return [{ item, ok: false, text: `none in ${inventoryPaths(context).join(', ')}` }];
    const { nodes, origin } = inventory;
    const known = {
      power: new Set(context.powerDrivers.map(({ id }) => id)),
      remote: new Set(context.remoteDrivers.map(({ id }) => id)),
      agent: new Set(context.agentDrivers.map(({ id }) => id)),
    };
    const feeds = nodes.flatMap(({ power, outlets }) => [...power, ...Object.values(outlets)]);
    return [
      { item, ok: true, text: `${nodes.length} nodes in ${origin}` },
      ...unknownLines(
        'power driver',
        feeds.map(({ driver }) => driver),
        known.power,
      ),
      ...unknownLines(
        'remote driver',
        nodes.map(({ ssh }) => ssh.driver),
        known.remote,
      ),
      ...unknownLines(
        'agent',
        nodes.map(({ agent }) => agent),
        known.agent,
      ),
    ];
  } catch (error) {
    if (!(error instanceof RestageError)) throw error;
    return [{ item, ok: false, text: error.message }];
  }
}

function unknownLines(what: string, used: readonly string[], known: ReadonlySet<string>): DoctorLine[] {
  return [...new Set(used)]
    .filter((id) => !known.has(id))
    .sort()
    .map((id) => ({
      item: `${what} ${id}`,
      ok: false,
      text: 'the inventory names it, and this restage does not have it',
    }));
}
