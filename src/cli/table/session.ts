import type { CommandSpec } from '../command.ts';

/** The commands of the session. */
export const SESSION_COMMANDS: readonly CommandSpec[] = [];
