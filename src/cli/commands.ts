import type { CommandSpec } from './command.ts';
import { DATA_COMMANDS } from './table/data.ts';
import { ENV_COMMANDS } from './table/env.ts';
import { GENERAL_COMMANDS } from './table/general.ts';
import { NODES_COMMANDS } from './table/nodes.ts';
import { SESSION_COMMANDS } from './table/session.ts';
import { SNAPSHOT_COMMANDS } from './table/snapshots.ts';

/** Commands that belong together, under the title they have in `--help`. */
export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly CommandSpec[];
}

/** All that can be typed, in the order of `--help`. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { title: 'Snapshots', commands: SNAPSHOT_COMMANDS },
  { title: 'Nodes', commands: NODES_COMMANDS },
  { title: 'Environment', commands: ENV_COMMANDS },
  { title: 'Session', commands: SESSION_COMMANDS },
  { title: 'Data', commands: DATA_COMMANDS },
  { title: 'General', commands: GENERAL_COMMANDS },
];

/** The same without the groups. */
export const COMMANDS: readonly CommandSpec[] = COMMAND_GROUPS.flatMap(({ commands }) => commands);
