import { EXIT } from '../../errors.ts';
import { init } from '../../snapshot/init.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { initText } from '../render/report.ts';
import { readOptionalText } from '../snapshot-input.ts';

/** `restage init [DIR]`: makes the workspace, or says that it is there. */
export async function runInit(context: CommandContext, { parameters }: CommandInput): Promise<number> {
  const directory = readOptionalText(parameters['directory']);
  const snapshots = await context.engine.snapshots({ mode: 'create', ...(directory !== undefined && { directory }) });
  const initialized = await init(snapshots);
  context.print(initialized, initText(initialized));
  return EXIT.done;
}
