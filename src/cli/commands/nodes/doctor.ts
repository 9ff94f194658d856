import { EXIT } from '../../../errors.ts';
import type { CommandContext } from '../../command.ts';
import { checksText } from '../../render/nodes.ts';

/** `restage nodes doctor`: what works here and what does not; 1 if something is missing. */
export async function runNodesDoctor(context: CommandContext): Promise<number> {
  const nodes = await context.engine.nodes();
  const checks = await Promise.all(
    nodes.checks().map(async (check) => ({ id: check.id, summary: check.summary, ...(await check.probe()) })),
  );
  context.print({ schema: 'restage/nodes-doctor/1', checks }, checksText(checks));
  return checks.every(({ available }) => available) ? EXIT.done : EXIT.someFailed;
}
