import { EXIT } from '../../errors.ts';
import { collect } from '../../snapshot/gc.ts';
import type { CommandContext } from '../command.ts';
import { collectedText } from '../render/report.ts';
import { openSnapshots } from '../snapshot-input.ts';

/** `restage gc`: frees content that nothing refers to. */
export async function runGc(context: CommandContext): Promise<number> {
  const snapshots = await openSnapshots(context, context.flags.plan ? 'read' : 'write');
  const plan = await collect({ apply: false }, snapshots);
  if (context.flags.plan || (plan.bytes === 0 && !plan.purgesUndo)) {
    context.print(plan, collectedText(plan));
    return EXIT.done;
  }
  if (!context.flags.json) context.say(collectedText(plan));
  if (!(await context.confirm('Free it'))) {
    context.say('Nothing was removed');
    return EXIT.refused;
  }
  const collected = await collect({ apply: true }, snapshots);
  context.print(collected, collectedText(collected));
  return EXIT.done;
}
