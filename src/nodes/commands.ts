import { SHIPPED_DRIVERS, type NodesContext, type NodesDrivers } from './context.ts';
import { imageCommands } from './image-commands.ts';
import { labCommands, type LabSetup } from './lab/commands.ts';
import { lookCommands } from './look-commands.ts';
import { powerCommands } from './power-commands.ts';

/** What `main.ts` hands to the commands of the wing. */
export interface NodesCommandsSetup extends LabSetup {
  readonly drivers?: NodesDrivers;
}

/** The wing as the command line sees it; see `cli/commands/nodes/contract.ts`, with which `main.ts` compares it. */
export function nodesCommands(setup: NodesCommandsSetup) {
  const context: NodesContext = { ...setup, ...(setup.drivers ?? SHIPPED_DRIVERS) };
  return { ...lookCommands(context), ...powerCommands(context), ...imageCommands(context), ...labCommands(setup) };
}
