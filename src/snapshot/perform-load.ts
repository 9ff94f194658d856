import { LAYER_KINDS, type Version } from '../model/id.ts';
import type { Difference } from '../model/plan.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { Journal } from '../store/journal.ts';
import { captureLayers } from './capture-layers.ts';
import { commitSave } from './commit-save.ts';
import type { SnapshotContext } from './context.ts';
import { loadJournalPath, ownerOf, type LoadBegin } from './load-journal.ts';
import { whileLocked } from './load-lock.ts';
import { UNDO, snapMember } from './name.ts';
import { performSteps, type LoadJournal, type StepReport } from './perform-steps.ts';
import { planDocument, refuseImpossible, type PlanDocument, type PreparedLoad } from './prepare-load.ts';
import { takeSnapshot } from './save.ts';
import { decodeSnapshot, sealSnapshot, unsealed } from './snap-file.ts';

/** What came of a load. */
export interface LoadReport {
  readonly schema: 'restage/load/1';
  readonly verb: 'load' | 'undo';
  readonly name: string;
  /**
   * `nothing`: it was so already; `loaded`: done and verified; `differs`: done, and something is still different;
   * `failed`: some steps failed; `interrupted`: stopped by Ctrl-C or the deadline, and the same command goes on.
   */
  readonly outcome: 'nothing' | 'loaded' | 'differs' | 'failed' | 'interrupted';
  readonly plan: PlanDocument;
  readonly steps: readonly StepReport[];
  /** What is still different after all steps. */
  readonly differences: readonly Difference[];
  /** The save that `undo` goes back to. */
  readonly undo?: Version | undefined;
  /** Of an interrupted load: why it stopped. */
  readonly reason?: unknown;
}

/**
 * Performs a prepared load: undo save, then the steps, each announced in the journal before it begins, then a look
 * whether all is as it should be.
 *
 * A step that fails ends the steps of its layer, or of its item where these are independent; all else goes on. When the context's signal aborts, the step at
 * work ends as soon as it can, and the journal stays: the same load goes on later, and `undo` goes back. After
 * `kill -9` it is the same.
 *
 * @throws {RestageError} `load/impossible` and `load/busy`, with nothing touched
 */
export async function performLoad(prepared: PreparedLoad, context: SnapshotContext): Promise<LoadReport> {
  const plan = planDocument(prepared);
  refuseImpossible(plan);
  const { verb, target, steps, unfinished } = prepared;
  const report = { schema: 'restage/load/1', verb, name: target.label, plan } as const;
  if (steps.length === 0 && !unfinished) return { ...report, outcome: 'nothing', steps: [], differences: [] };
  return whileLocked(context, async () => ({ ...report, ...(await performLocked(prepared, context)) }));
}

async function performLocked(
  prepared: PreparedLoad,
  context: SnapshotContext,
): Promise<Omit<LoadReport, 'schema' | 'verb' | 'name' | 'plan'>> {
  const { steps } = prepared;
  const journal = await beginJournal(prepared, context);
  const undo = await saveUndo(prepared, context, journal);
  const done = await performSteps(prepared, context, journal);
  const outcomes = new Set(done.map(({ outcome }) => outcome));
  if (context.signal.aborted) {
    await journal.append({ record: 'stopped' });
    const reason: unknown = context.signal.reason;
    return { outcome: 'interrupted', steps: done, differences: [], undo, reason };
  }
  const differences = outcomes.has('failed') ? [] : await remainingDifferences(prepared, context);
  await journal.append({ record: 'end' });
  await context.files.remove(loadJournalPath(context));
  const clean = steps.length === 0 ? 'nothing' : 'loaded';
  const outcome = outcomes.has('failed') ? 'failed' : differences.length > 0 ? 'differs' : clean;
  return { outcome, steps: done, differences, undo };
}

async function beginJournal(prepared: PreparedLoad, context: SnapshotContext): Promise<LoadJournal> {
  const { verb, target, request } = prepared;
  const { snapshot, version, label } = target;
  const begin: LoadBegin = {
    ...{ record: 'begin', owner: ownerOf(context), at: context.clock.now(), verb, name: label, version },
    ...{ digest: snapshot.digest, only: request.only, settings: request.settings, undo: firstUndo(prepared) },
  };
  const path = loadJournalPath(context);
  // Replaced whole: at no instant is the undo save of an interrupted load forgotten.
  await context.files.write(path, `${JSON.stringify(begin)}\n`);
  const journal: Journal = await context.journals.open(path);
  return { append: (record) => journal.append(record) };
}

/**
 * Saves the layers that are about to change. Going on after an interruption keeps the first undo save, so that undo
 * returns to the state before it; layers that only now have steps are added to it.
 */
async function saveUndo(
  prepared: PreparedLoad,
  context: SnapshotContext,
  journal: LoadJournal,
): Promise<Version | undefined> {
  const { layers, request, target, verb } = prepared;
  const first = firstUndo(prepared);
  const earlier = await readUndo(first, context);
  const changed = layers.filter(({ plan }) => plan.steps.length > 0).map(({ kind }) => kind);
  const missing = changed.filter((kind) => earlier?.layers[kind] === undefined);
  if (missing.length === 0) return first;
  const message = `before ${verb} of ${target.label}`;
  const { snapshot } = await takeSnapshot(
    { only: missing, purpose: 'undo', settings: request.settings, want: target.snapshot.layers, message },
    UNDO,
    context,
  );
  const version = await commitSave(earlier ? joined(earlier, snapshot) : snapshot, context);
  await journal.append({ record: 'undo', version });
  return version;
}

/** The undo save of the interrupted load that this one goes on with. */
function firstUndo({ resumes, unfinished }: PreparedLoad): Version | undefined {
  return resumes ? unfinished?.undo : undefined;
}

async function readUndo(version: Version | undefined, { store }: SnapshotContext): Promise<Snapshot | undefined> {
  const member = version && (await store.read(snapMember(UNDO), version));
  return member && decodeSnapshot(await member.bytes(), `undo@${version.slice(0, 10)}`);
}

/** The undo save of an interrupted load, with layers that it did not have. */
function joined(earlier: Snapshot, added: Snapshot): Snapshot {
  const record = unsealed(added);
  const before = earlier.record;
  return sealSnapshot(
    { ...added.layers, ...earlier.layers },
    {
      ...record,
      kept: [...before.kept, ...record.kept],
      notKept: [...before.notKept, ...record.notKept],
      unresolved: [...before.unresolved, ...record.unresolved],
      layers: { ...record.layers, ...before.layers },
      settings: { ...before.settings, ...record.settings },
    },
  );
}

/** Looks again: where a second load would still have something to do, what differs is said. */
async function remainingDifferences(
  { layers, target, request, content }: PreparedLoad,
  context: SnapshotContext,
): Promise<Difference[]> {
  const kinds = LAYER_KINDS.filter((kind) => layers.some((one) => one.kind === kind && one.plan.steps.length > 0));
  const after = await captureLayers(
    { only: kinds, purpose: 'compare', settings: request.settings, want: target.snapshot.layers },
    context,
    content,
  );
  const differences: Difference[] = [];
  for (const { kind, layer, capture } of after.captured) {
    const planned = layers.find((one) => one.kind === kind);
    if (!planned) continue;
    const { want, available } = planned;
    const again = layer.plan(capture.body, want, { settings: request.settings, available });
    if (again.steps.length > 0) differences.push(...layer.diff(capture.body, want));
  }
  return differences;
}
