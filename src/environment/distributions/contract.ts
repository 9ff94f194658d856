import type { Distribution } from '../../model/environment.ts';
import type { Digest } from '../../model/id.ts';
import type { Difference, LayerPlan, PlanStep, Remark } from '../../model/plan.ts';
import type { Context } from '../../platform/context.ts';
import type { FileEntry } from '../../platform/files.ts';
import type { ListTree } from '../../platform/list-tree.ts';
import type { Content, NotKept, Probe } from '../../snapshot/layer.ts';
import type { Keep } from '../keep.ts';

/** All that a distribution driver may touch, bound to one place: this machine, a node, an instance. */
export interface DistributionContext extends Pick<Context, 'exec' | 'start' | 'files' | 'clock' | 'signal'> {
  /** The directory that the roots of a workspace are relative to, absolute. */
  readonly workspace: string;
  readonly listTree: ListTree;
  /** A folder for what can be computed again, such as digests by stat. May be deleted at any time. */
  readonly cache: string;
  /** A folder on the disk of the workspace for files on their way to their place. */
  readonly stage: string;
  readonly content: Pick<Content, 'has' | 'read' | 'stream'>;
}

/** What a capture may use besides. */
export interface CaptureContext extends DistributionContext {
  /** Takes content in, or only its digest when the capture is to store nothing. */
  readonly keep: Keep;
  /** Folders that belong to another root, relative to the workspace: nobody else counts what is in them. */
  readonly claims: readonly string[];
  /** Folders of the workspace that belong to other layers: files in them that git does not track are theirs. */
  readonly others: readonly string[];
  /** The body that the capture is compared with. It may add to the answer what a plan has to know, and no more. */
  readonly want?: Distribution | undefined;
  /** Whether the root lies in a git work tree that is captured too. */
  readonly isInGit: boolean;
  /** Bytes above which the content of a single loose file is not kept. */
  readonly looseCap: number;
}

/** What a capture of one root found. */
export interface CapturedDistribution<Body extends Distribution = Distribution> {
  readonly body: Body;
  readonly notKept: readonly NotKept[];
  readonly unresolved: readonly Remark[];
}

/** A step that says which driver performs it, and where. */
export type DistributionStep = PlanStep & { readonly type: Distribution['type']; readonly root: string };

/** A directory that a driver has recognized. */
export interface RecognizedRoot {
  /** Folders of it that belong to it alone: no other driver looks into them. `.` is the whole root. */
  readonly owns: readonly string[];
}

/**
 * One way to read a set of packages and to bring it back.
 *
 * Order: `probe` first; if it answers `available`, `capture` of each recognized root, then `diff`, `plan` and `apply`,
 * each any number of times. A driver keeps nothing between calls but what lies in `cache`, so one value serves many
 * places at once. Every call ends soon after the context's signal aborts.
 *
 * Round trip: after all steps of `plan(have, want)` have been applied, `diff(capture, want)` is empty, but for what the
 * plan listed in `left`.
 */
export interface DistributionDriver<
  Body extends Distribution = Distribution,
  Step extends DistributionStep = DistributionStep,
> {
  /** The word that stands in snapshots. It never changes, whatever happens to the code. */
  readonly id: Body['type'];
  /** One line for `restage doctor`. */
  readonly summary: string;
  /** `workspace`: its roots are directories of the workspace. `machine`: its one root is `/`. */
  readonly scope: 'workspace' | 'machine';
  /** Answers within 1 s, changes nothing, never throws. */
  probe(context: Pick<DistributionContext, 'exec' | 'files'>): Promise<Probe>;
  /** Pure: whether a directory with these entries is a root. Drivers of the machine answer `undefined`. */
  recognize(entries: readonly FileEntry[]): RecognizedRoot | undefined;
  /** Reads the present state and changes nothing. Equal states give equal bytes: sorted, no times, no counters. */
  capture(root: string, context: CaptureContext): Promise<CapturedDistribution<Body>>;
  /** Pure: every difference, in a fixed order; whether something is kept or can be had again does not count. */
  diff(from: Body | undefined, to: Body | undefined): readonly Difference[];
  /** Pure: paths outside its root without which it does not work when it is put back. */
  needs(want: Body): readonly string[];
  /** Pure: the steps from `have` to `want`, in order. Empty when the two are equal. */
  plan(have: Body | undefined, want: Body, available: ReadonlySet<Digest>): LayerPlan<Step>;
  /** Applies one step. What was applied before may be applied again: this is how an interrupted load goes on. */
  apply(step: Step, context: DistributionContext): Promise<void>;
}

/** Returns its argument; infers the types, so that a driver file needs no annotation. */
export function defineDistributionDriver<Body extends Distribution, Step extends DistributionStep>(
  driver: DistributionDriver<Body, Step>,
): DistributionDriver<Body, Step> {
  return driver;
}
