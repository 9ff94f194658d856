import { z } from 'zod';
import { parseDuration } from '../../../model/duration.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import type { NodesCommands, SelectedNodes, TypedNodes } from './contract.ts';

/** What commands with a selector have in common. */
const Typed = z.object({
  parameters: z.object({ nodes: z.array(z.string()).default([]) }),
  options: z.object({
    allNodes: z.boolean().default(false),
    except: z.string().optional(),
    timeout: z.string().optional(),
    outlet: z.string().optional(),
  }),
});

/** The nodes that were chosen, and how long one of them may take. */
export interface Chosen {
  readonly nodes: NodesCommands;
  readonly selected: SelectedNodes;
  readonly names: readonly string[];
  readonly limits: { readonly limitMs: number };
  readonly outlet?: string | undefined;
}

/** What is left of the deadline of the command for saying what came of it, in ms. */
const MARGIN_MS = 500;

/** Reads a selector and its options, resolves it and says its warnings; `seconds` is the usual deadline. */
export async function chooseNodes(
  context: CommandContext,
  input: CommandInput,
  seconds: number,
  whenEmpty: TypedNodes['whenEmpty'] = 'variable',
): Promise<Chosen> {
  const { parameters, options } = readInput(Typed, input);
  const nodes = await context.engine.nodes();
  const typed = { words: parameters.nodes, all: options.allNodes, except: options.except, whenEmpty };
  const selected = await nodes.select(typed);
  for (const warning of selected.warnings) context.say(`warning: ${warning}`);
  const deadlineMs = parseDuration(options.timeout ?? '') ?? seconds * 1000;
  return {
    ...{ nodes, selected, outlet: options.outlet },
    names: selected.nodes.map(({ name }) => name),
    // Nodes end before the command does, so that it still says which of them did not.
    limits: { limitMs: Math.max(deadlineMs - MARGIN_MS, deadlineMs * 0.8) },
  };
}
