import { z } from 'zod';
import { LAYER_KINDS, type LayerKind } from '../model/id.ts';
import { LayerSettings } from '../model/request.ts';
import { findInterruptedLoad } from '../snapshot/load-journal.ts';
import { finishHint } from '../snapshot/prepare-load.ts';
import type { SnapshotContext } from '../snapshot/context.ts';
import type { CommandContext, CommandInput, OpenWorkspace } from './command.ts';
import { readInput } from './read-input.ts';

/** Which layers, and how: what `save`, `load`, `diff` and `undo` have in common. */
export interface LayerChoice {
  readonly only?: LayerKind[];
  readonly settings: LayerSettings;
}

/** Which layers, and how, out of what was typed. Nodes named with `--nodes` mean that only nodes are concerned. */
export function readLayerChoice({ options }: CommandInput): LayerChoice {
  const names = Object.keys(LayerSettings.shape);
  const settings = readInput(LayerSettings, Object.fromEntries(names.map((name) => [name, options[name]])));
  const only = readInput(z.array(z.enum(LAYER_KINDS)).optional(), options['only']);
  const implied = only ?? (settings.nodes === undefined ? undefined : (['nodes'] as LayerKind[]));
  return { ...(implied && { only: implied }), settings: dropUndefined(settings) };
}

/** A text that was typed; parameters that are required have been checked when they were parsed. */
export function readText(value: unknown): string {
  return readInput(z.string(), value);
}

/** A text that may be absent. */
export function readOptionalText(value: unknown): string | undefined {
  return readInput(z.string().optional(), value);
}

/** Opens the workspace for a verb that is not `load` or `undo`, and says so if a load was interrupted here. */
export async function openSnapshots(
  context: CommandContext,
  mode: NonNullable<OpenWorkspace['mode']>,
): Promise<SnapshotContext> {
  const snapshots = await context.engine.snapshots({ mode });
  const interrupted = await findInterruptedLoad(snapshots);
  if (interrupted) {
    const what = interrupted.verb === 'undo' ? 'An undo' : `A load of ${interrupted.name}`;
    context.say(`${what} was interrupted here after ${interrupted.stepsDone} steps. ${finishHint(interrupted)}`);
  }
  return snapshots;
}

/** Leaves out members that nobody gave: an absent setting and an undefined one are the same. */
function dropUndefined<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as Value;
}
