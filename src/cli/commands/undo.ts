import { prepareUndo } from '../../snapshot/undo.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { readLayerChoice } from '../snapshot-input.ts';
import { carryOut } from './load.ts';

/** `restage undo`: puts back what the last load changed. */
export async function runUndo(context: CommandContext, input: CommandInput): Promise<number> {
  const snapshots = await context.engine.snapshots({ mode: context.flags.plan ? 'read' : 'write' });
  await using prepared = await prepareUndo(readLayerChoice(input), snapshots);
  return await carryOut(prepared, snapshots, context);
}
