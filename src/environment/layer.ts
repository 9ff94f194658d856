import { EnvironmentBody } from '../model/environment.ts';
import type { Layer } from '../snapshot/layer.ts';
import { captureEnvironment, distributionContext, type CaptureParts } from './capture.ts';
import { describeEnvironment } from './describe.ts';
import { diffEnvironments } from './diff.ts';
import type { DistributionStep } from './distributions/contract.ts';
import { planEnvironment } from './plan.ts';

/** The software that an experiment runs in, as a layer of a snapshot: what is installed, where it comes from, what was edited. */
export function environmentLayer(parts: CaptureParts): Layer<EnvironmentBody, DistributionStep> {
  const { drivers, listTree } = parts;
  return {
    kind: 'environment',
    summary: 'packages, git and npm trees, virtual environments and variables',
    body: EnvironmentBody,

    // There is always some software: at least the system itself.
    probe: async () => ({ available: true }),

    capture: (context, request) => captureEnvironment(parts, request, context),
    describe: describeEnvironment,
    diff: (from, to) => diffEnvironments(drivers, from, to),
    plan: (have, want, request) => planEnvironment(drivers, have, want, request),

    async apply(step, context) {
      await drivers.find(({ id }) => id === step.type)?.apply(step, distributionContext(context, listTree));
    },
  };
}
