import { z } from 'zod';
import { RestageError } from '../../errors.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { readInput } from '../read-input.ts';
import { readLayerChoice, readOptionalText, readText, type LayerChoice } from '../snapshot-input.ts';
import { loadSnapshot } from './load.ts';
import { saveAs } from './save.ts';
import { viewSnapshot } from './view.ts';

/** `restage snap -s|-l|-v NAME [NODES]`: the snapshot of a testbed as it always was: nodes and nothing else. */
export async function runSnap(context: CommandContext, input: CommandInput): Promise<number> {
  const { parameters, options } = input;
  const verbs = (['save', 'load', 'view'] as const).filter((verb) => options[verb] === true);
  if (verbs.length > 1) throw new RestageError('cli/usage', `--${verbs.join(' and --')} exclude each other`);
  const name = readText(parameters['name']);
  const choice = nodesOnly(input);
  switch (verbs[0] ?? 'view') {
    case 'save':
      return saveAs(name, readOptionalText(options['message']), choice, context);
    case 'load':
      return loadSnapshot(name, choice, context);
    case 'view':
      return viewSnapshot(name, choice, context);
  }
}

function nodesOnly(input: CommandInput): LayerChoice {
  const { settings } = readLayerChoice(input);
  const selector = readInput(z.array(z.string()).optional(), input.parameters['nodes'])?.join(' ');
  const nodes = selector === undefined || selector === '' ? settings.nodes : selector;
  return { only: ['nodes'], settings: { ...settings, ...(nodes !== undefined && { nodes }) } };
}
