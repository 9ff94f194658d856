import { EXIT } from '../../errors.ts';
import { importSnapshot } from '../../snapshot/import.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { importedText } from '../render/report.ts';
import { openSnapshots, readOptionalText, readText } from '../snapshot-input.ts';

/** `restage import FILE`: into the store of this workspace. */
export async function runImport(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const request = { file: readText(parameters['file']), name: readOptionalText(options['as']) };
  const imported = await importSnapshot(request, await openSnapshots(context, 'write'));
  context.print(imported, importedText(imported));
  return EXIT.done;
}
