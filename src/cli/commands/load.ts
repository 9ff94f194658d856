import { EXIT, exitStatusOf } from '../../errors.ts';
import type { SnapshotContext } from '../../snapshot/context.ts';
import { findSnapshot } from '../../snapshot/find.ts';
import { performLoad, type LoadReport } from '../../snapshot/perform-load.ts';
import { planDocument, prepareLoad, refuseImpossible, type PreparedLoad } from '../../snapshot/prepare-load.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { countsText, loadText, planText } from '../render/plan.ts';
import { readLayerChoice, readText, type LayerChoice } from '../snapshot-input.ts';

/** `restage load SNAPSHOT`. */
export async function runLoad(context: CommandContext, input: CommandInput): Promise<number> {
  const abandon = input.options['abandon'] === true;
  return loadSnapshot(readText(input.parameters['snapshot']), readLayerChoice(input), context, abandon);
}

/** Plans, asks, loads and prints; also what `snap --load` does. */
export async function loadSnapshot(
  text: string,
  request: LayerChoice,
  context: CommandContext,
  abandon = false,
): Promise<number> {
  const snapshots = await context.engine.snapshots({ mode: context.flags.plan ? 'read' : 'write' });
  const target = await findSnapshot(text, snapshots);
  await using prepared = await prepareLoad({ verb: 'load', target, request, abandon }, snapshots);
  return await carryOut(prepared, snapshots, context);
}

/** Shows the plan; unless that was all, asks and performs it. */
export async function carryOut(
  prepared: PreparedLoad,
  snapshots: SnapshotContext,
  context: CommandContext,
): Promise<number> {
  const plan = planDocument(prepared);
  if (context.flags.plan) {
    context.print(plan, planText(plan));
    return plan.impossible.length > 0 ? EXIT.notPossible : EXIT.done;
  }
  if (!context.flags.json && plan.steps.length + plan.impossible.length > 0) context.say(planText(plan));
  refuseImpossible(plan);
  if (plan.steps.length > 0 && !(await context.confirm(`Perform ${countsText(plan.steps)}`))) {
    context.say('Nothing was changed');
    return EXIT.refused;
  }
  const report = await performLoad(prepared, snapshots);
  context.print(report, loadText(report));
  return statusOf(report);
}

function statusOf({ outcome, reason }: LoadReport): number {
  switch (outcome) {
    case 'nothing':
    case 'loaded':
      return EXIT.done;
    case 'differs':
    case 'failed':
      return EXIT.someFailed;
    case 'interrupted':
      return exitStatusOf(reason);
  }
}
