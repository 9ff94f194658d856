import { EXIT } from '../../errors.ts';
import { view } from '../../snapshot/view.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { viewText } from '../render/view.ts';
import { openSnapshots, readLayerChoice, readText, type LayerChoice } from '../snapshot-input.ts';

/** `restage view SNAPSHOT`. */
export async function runView(context: CommandContext, input: CommandInput): Promise<number> {
  return viewSnapshot(readText(input.parameters['snapshot']), readLayerChoice(input), context);
}

/** Shows a snapshot; also what `snap --view` does. */
export async function viewSnapshot(snapshot: string, choice: LayerChoice, context: CommandContext): Promise<number> {
  const snapshots = await openSnapshots(context, 'read');
  const shown = await view({ snapshot, only: choice.only }, snapshots);
  context.print(shown, viewText(shown, context.now()));
  return EXIT.done;
}
