import { EXIT } from '../../../errors.ts';
import { diff } from '../../../snapshot/diff.ts';
import { LIVE } from '../../../snapshot/name.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { diffText } from '../../render/diff.ts';
import { openSnapshots, readOptionalText, readText } from '../../snapshot-input.ts';
import { readTypes } from './typed.ts';

/** `restage env diff A [B]`: what two environments differ in; without B, from A to the present one. 1 when they differ. */
export async function runEnvDiff(context: CommandContext, input: CommandInput): Promise<number> {
  const from = readText(input.parameters['from']);
  const to = readOptionalText(input.parameters['to']) ?? LIVE;
  const only = readTypes(input);
  const snapshots = await openSnapshots(context, 'read');
  const report = await diff({ from, to, only: ['environment'], settings: {} }, snapshots);
  const differences = report.differences.filter(({ type }) => only?.includes(type) ?? true);
  const isSame = differences.length === 0 && report.missing.length === 0;
  const shown = { ...report, differences, isSame };
  context.print(shown, diffText(shown));
  return isSame ? EXIT.done : EXIT.someFailed;
}
