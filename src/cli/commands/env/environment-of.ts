import { RestageError } from '../../../errors.ts';
import { EnvironmentBody, type EnvironmentSpec } from '../../../model/environment.ts';
import type { Remark } from '../../../model/plan.ts';
import { captureLayers } from '../../../snapshot/capture-layers.ts';
import { createContent } from '../../../snapshot/content.ts';
import type { SnapshotContext } from '../../../snapshot/context.ts';
import { findSnapshot } from '../../../snapshot/find.ts';
import type { Description } from '../../../snapshot/layer.ts';
import { LIVE } from '../../../snapshot/name.ts';

/** An environment that was asked for by the name of a snapshot, or as `live`. */
export interface FoundEnvironment {
  readonly target: string;
  readonly body: EnvironmentBody;
  readonly notKept: readonly { readonly what: string; readonly bytes?: number | undefined }[];
  readonly unresolved: readonly Remark[];
}

/** The kinds of distributions that can be asked for with `--only`. */
export const DISTRIBUTION_TYPES = ['apt', 'git', 'npm', 'venv'] as const;

/** Reads the environment of a snapshot, or that of this place for `live`; storing nothing. */
export async function environmentOf(target: string, context: SnapshotContext): Promise<FoundEnvironment> {
  if (target === LIVE) {
    const content = createContent(context.store);
    const request = { only: ['environment'], purpose: 'compare', settings: {} } as const;
    const { captured } = await captureLayers(request, context, content);
    const [one] = captured;
    if (!one) throw new RestageError('layer/unavailable', 'this restage has no environment layer');
    const { body, notKept, unresolved } = one.capture;
    return { target, body: EnvironmentBody.parse(body), notKept, unresolved };
  }
  const { snapshot } = await findSnapshot(target, context);
  const stored = snapshot.layers.environment;
  if (!stored) throw new RestageError('layer/unavailable', `${target} has no environment layer`);
  const read = EnvironmentBody.safeParse(stored);
  if (!read.success) throw new RestageError('snapshot/format', `${target}: its environment cannot be read`);
  const { notKept, unresolved } = snapshot.record;
  const isOurs = ({ layer }: { readonly layer: string }) => layer === 'environment';
  return { target, body: read.data, notKept: notKept.filter(isOurs), unresolved: unresolved.filter(isOurs) };
}

/** The spec of the live environment of a body. */
export function specOf({ environments, specs }: EnvironmentBody): EnvironmentSpec {
  const live = environments.find(({ name }) => name === LIVE) ?? environments[0];
  const spec = live && specs[live.spec];
  if (!spec) throw new RestageError('snapshot/format', 'the environment layer has no environment');
  return spec;
}

/** The table of an environment, with the rows of some types only. */
export function describeOnly(
  { body }: FoundEnvironment,
  only: readonly string[] | undefined,
  context: SnapshotContext,
): Description {
  const layer = context.layers.find(({ kind }) => kind === 'environment');
  const description = layer?.describe(body) ?? { headline: '', columns: [], rows: [] };
  return { ...description, rows: description.rows.filter(([type = '']) => only?.includes(type) ?? true) };
}
