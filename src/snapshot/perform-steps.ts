import { RestageError, type ErrorCode } from '../errors.ts';
import { inParallel } from '../model/in-parallel.ts';
import type { PlanStep } from '../model/plan.ts';
import { layerContext } from './content.ts';
import type { SnapshotContext } from './context.ts';
import type { LoadBegin, LoadRecord } from './load-journal.ts';
import type { PreparedLoad } from './prepare-load.ts';

/** Lanes of a layer that are worked on at once. */
const WIDTH = 32;

/** What came of a step. `left` ones were not begun: a step of their layer failed before, or the load was stopped. */
export interface StepReport {
  readonly step: PlanStep;
  readonly outcome: 'done' | 'failed' | 'interrupted' | 'left';
  readonly code?: ErrorCode;
  readonly message?: string;
}

/** The journal behind its first record. */
export interface LoadJournal {
  readonly append: (record: Exclude<LoadRecord, LoadBegin>) => Promise<void>;
}

/** Steps that follow each other, by their indexes in the plan. */
interface Lane {
  /** A step that failed here ends all later ones with the same name. */
  readonly name: string;
  readonly indexes: number[];
}

/**
 * Performs the steps of a load, each announced in the journal before it begins.
 *
 * A step that fails ends the steps of its lane (see `Layer.laneOf`); all else goes on. After the context's signal has
 * aborted nothing new is begun.
 */
export async function performSteps(
  prepared: PreparedLoad,
  context: SnapshotContext,
  journal: LoadJournal,
): Promise<StepReport[]> {
  const { steps, layers } = prepared;
  const reports = steps.map((step): StepReport => ({ step, outcome: 'left' }));
  const failed = new Set<string>();
  for (const indexes of runsOfLayers(steps)) {
    await inParallel(lanesOf(indexes, steps, layers), WIDTH, async ({ name, indexes: inLane }) => {
      for (const index of inLane) {
        const step = steps[index];
        if (!step || context.signal.aborted || failed.has(name)) return;
        const report = await performStep(step, index, prepared, context, journal);
        reports[index] = report;
        if (report.outcome === 'failed') failed.add(name);
      }
    });
  }
  return reports;
}

/** The indexes of steps, cut where layer or phase changes. */
function runsOfLayers(steps: readonly PlanStep[]): number[][] {
  const runs: number[][] = [];
  for (const [index, { layer, phase }] of steps.entries()) {
    const before = steps[index - 1];
    if (before?.layer === layer && before.phase === phase) runs.at(-1)?.push(index);
    else runs.push([index]);
  }
  return runs;
}

function lanesOf(indexes: readonly number[], steps: readonly PlanStep[], layers: PreparedLoad['layers']): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const index of indexes) {
    const step = steps[index];
    if (!step) continue;
    const layer = layers.find(({ kind }) => kind === step.layer)?.layer;
    const name = `${step.layer} ${layer?.laneOf?.(step) ?? ''}`;
    const lane = lanes.get(name) ?? { name, indexes: [] };
    lane.indexes.push(index);
    lanes.set(name, lane);
  }
  return [...lanes.values()];
}

async function performStep(
  step: PlanStep,
  index: number,
  { steps, layers, content }: PreparedLoad,
  context: SnapshotContext,
  journal: LoadJournal,
): Promise<StepReport> {
  const { layer, action, item } = step;
  await journal.append({ record: 'intent', index, layer, action, item });
  context.emit({ type: 'step-started', step, index, count: steps.length });
  try {
    await layers.find(({ kind }) => kind === layer)?.layer?.apply(step, layerContext(context, content));
    await journal.append({ record: 'done', index });
    context.emit({ type: 'step-done', step, index, count: steps.length });
    return { step, outcome: 'done' };
  } catch (error) {
    if (context.signal.aborted) return { step, outcome: 'interrupted' };
    if (!(error instanceof RestageError)) throw error;
    const { code, message } = error;
    await journal.append({ record: 'failed', index, code });
    context.emit({ type: 'step-failed', step, code, message });
    return { step, outcome: 'failed', code, message };
  }
}
