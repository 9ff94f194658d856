import { EXIT } from '../../errors.ts';
import { save } from '../../snapshot/save.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { savedText } from '../render/report.ts';
import { openSnapshots, readLayerChoice, readOptionalText, readText, type LayerChoice } from '../snapshot-input.ts';

/** `restage save NAME`. */
export async function runSave(context: CommandContext, input: CommandInput): Promise<number> {
  const message = readOptionalText(input.options['message']);
  return saveAs(readText(input.parameters['name']), message, readLayerChoice(input), context);
}

/** Saves and prints; also what `snap --save` does. */
export async function saveAs(
  name: string,
  message: string | undefined,
  choice: LayerChoice,
  context: CommandContext,
): Promise<number> {
  const snapshots = await openSnapshots(context, 'write');
  const saved = await save({ name, ...(message !== undefined && { message }), ...choice }, snapshots);
  context.print(saved, savedText(saved));
  return choice.settings.strict === true && saved.unresolved.length > 0 ? EXIT.someFailed : EXIT.done;
}
