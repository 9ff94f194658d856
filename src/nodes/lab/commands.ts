import { resolve } from 'node:path';
import type { Daemons } from '../../platform/daemon.ts';
import type { Listen } from '../../platform/http-server.ts';
import { labDirectory, type NodesSetup } from '../context.ts';
import { labDown } from './down.ts';
import { labPaths } from './lab-file.ts';
import { readDaemon, serveLab } from './serve.ts';
import { labUp, readLab, type LabContext, type LabRequest } from './up.ts';

/** What the commands of the lab stand on. */
export interface LabSetup extends NodesSetup {
  readonly daemons: Daemons;
  readonly listen: Listen;
}

/** The commands of the simulated testbed. */
export function labCommands(setup: LabSetup) {
  const context: LabContext = { ...setup, labDirectory: labDirectory(setup) };
  const { files, daemons } = setup;
  return {
    async labUp({ count, image, faults }: LabRequest) {
      const text = faults === undefined ? undefined : await files.readText(resolve(setup.directory, faults));
      return { ...(await labUp({ count, image, faults: text }, context)), process: 'alive' as const };
    },

    labDown: () => labDown(context),

    async labState() {
      const lab = await readLab(context);
      if (!lab) return undefined;
      const paths = labPaths(context.labDirectory);
      const daemon = await readDaemon(paths.daemon, context);
      return {
        ...{ directory: context.labDirectory, inventory: paths.inventory, pid: daemon?.process.pid ?? 0 },
        process: daemon ? daemons.state(daemon.process) : ('gone' as const),
        nodes: lab.nodes.map(({ name }) => {
          const { card = 0, node: port = 0 } = daemon?.ports[name] ?? {};
          return { name, card, port };
        }),
      };
    },

    labServe: (directory: string) => serveLab(directory, setup),
  };
}
