import { EXIT } from '../../errors.ts';
import { diff } from '../../snapshot/diff.ts';
import { LIVE } from '../../snapshot/name.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { diffText } from '../render/diff.ts';
import { openSnapshots, readLayerChoice, readOptionalText, readText } from '../snapshot-input.ts';

/** `restage diff A [B]`: without B, from A to the present state. 1 when they differ. */
export async function runDiff(context: CommandContext, input: CommandInput): Promise<number> {
  const from = readText(input.parameters['from']);
  const to = readOptionalText(input.parameters['to']) ?? LIVE;
  const snapshots = await openSnapshots(context, 'read');
  const report = await diff({ from, to, ...readLayerChoice(input) }, snapshots);
  context.print(report, diffText(report));
  return report.isSame ? EXIT.done : EXIT.someFailed;
}
