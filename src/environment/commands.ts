import type { EnvironmentSpec } from '../model/environment.ts';
import type { Context } from '../platform/context.ts';
import {
  attributeTrace,
  traceCommand,
  type TracedCommand,
  type TracedUse,
  type TraceOptions,
} from './trace/command.ts';

/** What the wing gives to its commands; the command line declares the same shape. */
export interface EnvironmentEngine {
  trace(options: TraceOptions): Promise<TracedCommand>;
  attribute(traced: TracedCommand, spec: EnvironmentSpec, workspace: string): Promise<TracedUse>;
}

/** Binds the wing to the effects of a place. */
export function environmentCommands(context: Pick<Context, 'exec' | 'start' | 'files' | 'signal'>): EnvironmentEngine {
  return {
    trace: (options) => traceCommand(options, context),
    attribute: (traced, spec, workspace) => attributeTrace(traced, spec, workspace, context),
  };
}
