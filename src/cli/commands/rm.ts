import { EXIT } from '../../errors.ts';
import { performRemoval, planRemoval } from '../../snapshot/remove.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { removalText } from '../render/report.ts';
import { openSnapshots, readText } from '../snapshot-input.ts';

/** `restage rm SNAPSHOT`: the file; with `--purge` also what the store keeps for it. */
export async function runRemove(context: CommandContext, { parameters, options }: CommandInput): Promise<number> {
  const snapshots = await openSnapshots(context, context.flags.plan ? 'read' : 'write');
  const request = { snapshot: readText(parameters['snapshot']), purge: options['purge'] === true };
  const plan = await planRemoval(request, snapshots);
  if (context.flags.plan) {
    context.print(plan, removalText(plan, false));
    return EXIT.done;
  }
  if (!context.flags.json) context.say(removalText(plan, false));
  if (!(await context.confirm(`Remove ${plan.name}`))) {
    context.say('Nothing was removed');
    return EXIT.refused;
  }
  const removed = await performRemoval(plan, snapshots);
  context.print(removed, removalText(removed, true));
  return EXIT.done;
}
