import { EXIT } from '../../../errors.ts';
import type { CommandContext } from '../../command.ts';
import { doctorText } from '../../render/nodes.ts';

/** `restage nodes doctor`: what works here and what does not. */
export async function runNodesDoctor(context: CommandContext): Promise<number> {
  const nodes = await context.engine.nodes();
  const lines = await nodes.doctor();
  context.print({ schema: 'restage/nodes-doctor/1', lines }, doctorText(lines));
  return lines.every(({ ok }) => ok) ? EXIT.done : EXIT.someFailed;
}
