import { basename } from 'node:path';
import { EXIT } from '../../errors.ts';
import { exportSnapshot } from '../../snapshot/export.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { exportedText } from '../render/report.ts';
import { sayingSuspicions } from '../say-suspicions.ts';
import { openSnapshots, readOptionalText, readText } from '../snapshot-input.ts';

/** `restage export SNAPSHOT [-o FILE]`. */
export async function runExport(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const snapshot = readText(parameters['snapshot']);
  const name = basename(snapshot.split('@')[0] ?? snapshot, '.snap');
  const output = readOptionalText(options['output']) ?? `${name}.snap.tar`;
  const request = { snapshot, output, acceptSecrets: options['acceptSecrets'] === true };
  const snapshots = await openSnapshots(context, 'read');
  const exported = await sayingSuspicions(context, () => exportSnapshot(request, snapshots));
  context.print(exported, exportedText(exported));
  return EXIT.done;
}
