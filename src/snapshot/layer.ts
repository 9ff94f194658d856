import type { Readable } from 'node:stream';
import type { z } from 'zod';
import type { Configuration } from '../model/config.ts';
import type { Digest, LayerKind, Version } from '../model/id.ts';
import type { Json } from '../model/json.ts';
import type { Difference, LayerPlan, PlanStep, Remark } from '../model/plan.ts';
import type { LayerSettings } from '../model/request.ts';
import type { Context } from '../platform/context.ts';
import type { BlobSource, Store } from '../store/contract.ts';
import type { Journals } from '../store/journal.ts';

/**
 * One part of a snapshot, as a wing gives it to the hall.
 *
 * Order: `probe` first; where it answers `available`, `capture` any number of times. `describe`, `diff` and `plan` are
 * pure: they touch nothing and may be called with bodies of other machines and other times. `apply` follows an accepted
 * plan, a step at a time, in its order. A layer keeps nothing between calls.
 *
 * Round trip: after all steps of `plan(have, want)` have been applied, `diff(capture(), want)` is empty but for what
 * the plan listed in `left`. Where nothing differs the plan is empty.
 *
 * What a body names by digest is content that the store keeps (`Kept`) or that is named without being held
 * (`notKept`); both are said by `capture`. Nothing secret is in a body: see `model/redact.ts`.
 */
export interface Layer<Body = unknown, Step extends PlanStep = PlanStep> {
  readonly kind: LayerKind;
  /** One line for `restage doctor`. */
  readonly summary: string;
  /** Reads what was stored. Every body begins with `schema: 'restage/KIND-layer/1'`. */
  readonly body: z.ZodType<Body>;
  /** Whether there is anything of this layer here. Answers within 1 s, changes nothing, never throws. */
  probe(context: LayerContext): Promise<Probe>;
  /** Reads the present state and changes nothing outside the store. Equal states give equal bodies. */
  capture(context: LayerContext, request: CaptureRequest): Promise<Capture<Body>>;
  /** What `view` shows. */
  describe(body: Body): Description;
  /** Every difference from one body to another, in a fixed order. */
  diff(from: Body, to: Body): readonly Difference[];
  /** The steps that make `have` like `want`. */
  plan(have: Body, want: Body, request: PlanRequest): LayerPlan<Step>;
  /** Applies one step. What was applied before may be applied again: this is how an interrupted load goes on. */
  apply(step: Step, context: LayerContext): Promise<void>;
  /**
   * The lane of a step. Lanes do not depend on each other: they are worked on at once, each with its steps in order, and
   * a step that fails ends its lane only. Absent: the layer is one lane.
   */
  laneOf?(step: Step): string;
}

/** Whether a layer has anything to do here. Not here is an answer, not a failure; `reason` is shown as it is. */
export type Probe = { readonly available: true } | { readonly available: false; readonly reason: string };

/** The effects of a layer: those of the place, the workspace, and content of the store. */
export interface LayerContext extends Context {
  /** The directory of the workspace, absolute: the one that holds `.restage/`. */
  readonly workspace: string;
  /** `.restage/` itself; a wing keeps its own state in a folder of its name there. */
  readonly state: string;
  readonly configuration: Configuration;
  readonly journals: Journals;
  readonly content: Content;
  /** The store, for a wing that reads and writes streams. */
  readonly store: Store;
}

/** Content by digest, wherever the store holds it. During a load it also finds the small content of that snapshot. */
export interface Content {
  /** Takes content in; durable when it resolves. */
  put(source: BlobSource): Promise<{ readonly digest: Digest; readonly size: number }>;
  has(digest: Digest): Promise<boolean>;
  /** The whole content, verified; `store/damaged` if the store does not have it. For what is known to be small. */
  read(digest: Digest): Promise<Buffer>;
  /** The content, verified as it passes. */
  stream(digest: Digest): Promise<Readable>;
}

/** Why and how a layer is captured. */
export interface CaptureRequest {
  /**
   * `save` and `undo` keep content in the store; `compare` (for `diff`, `load --plan`, `verify`) computes the same
   * body and stores nothing.
   */
  readonly purpose: 'save' | 'undo' | 'compare';
  readonly settings: LayerSettings;
  /** The body of the snapshot that is compared with or loaded, so that a capture can look at what it names. */
  readonly want?: unknown;
}

/** What a capture found. */
export interface Capture<Body> {
  readonly body: Body;
  /** Content that the body names and the store keeps: it stays as long as the snapshot does. */
  readonly kept: readonly Kept[];
  /** What the body names without holding it: `image of 12 nodes`, `data/`. Shown after every save and plan. */
  readonly notKept: readonly NotKept[];
  /** What could not be read, and why. */
  readonly unresolved: readonly Remark[];
  /** What differs at every capture of an unchanged world; goes to the save's record. */
  readonly record?: Json;
}

/** Content of the store that a snapshot holds on to; `member` says where, when it is a member of the history. */
export interface Kept {
  readonly digest: Digest;
  readonly size: number;
  readonly member?: { readonly path: string; readonly version: Version };
}

/** Something that a snapshot names without holding its content. */
export interface NotKept {
  readonly what: string;
  readonly bytes?: number;
}

/** A body for people: one line, then facts in a fixed order. */
export interface Description {
  /** Such as `8 nodes, 7 on, 2 images`. */
  readonly headline: string;
  /** Rows of a table; all rows of a layer have the same columns. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** How a layer is to be loaded. */
export interface PlanRequest {
  readonly settings: LayerSettings;
  /** Which of the digests that `want` names the store can give. */
  readonly available: ReadonlySet<Digest>;
}
