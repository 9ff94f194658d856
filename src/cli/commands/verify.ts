import { EXIT, RestageError } from '../../errors.ts';
import { verifySnapshot, verifyStore } from '../../snapshot/verify.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { storeVerifiedText, verifiedText } from '../render/report.ts';
import { openSnapshots, readOptionalText } from '../snapshot-input.ts';

/** `restage verify SNAPSHOT`, `restage verify --store`. 1 when something is damaged. */
export async function runVerify(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const snapshot = readOptionalText(parameters['snapshot']);
  if ((snapshot === undefined) !== (options['store'] === true)) {
    throw new RestageError('cli/usage', 'name either a snapshot or --store');
  }
  const snapshots = await openSnapshots(context, 'read');
  if (snapshot === undefined) {
    const report = await verifyStore({ quick: options['quick'] === true }, snapshots);
    context.print(report, storeVerifiedText(report));
    return report.damaged.length > 0 ? EXIT.someFailed : EXIT.done;
  }
  const report = await verifySnapshot(snapshot, snapshots);
  context.print(report, verifiedText(report));
  return report.damaged.length > 0 ? EXIT.someFailed : EXIT.done;
}
