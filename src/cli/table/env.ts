import type { CommandSpec } from '../command.ts';

/** The commands of the environment. */
export const ENV_COMMANDS: readonly CommandSpec[] = [];
