import { z } from 'zod';
import { DigestText } from '../model/digest.ts';
import type { Digest } from '../model/id.ts';
import { PlanStep, type Difference, type LayerPlan, type Remark } from '../model/plan.ts';
import type { PlanRequest } from '../snapshot/layer.ts';
import type { DataBody } from './body.ts';
import { shortDigest, sorted } from './describe.ts';

const COMMON = { layer: 'data', phase: 'apply' } as const;

const base = PlanStep.extend({ layer: z.literal('data'), phase: z.literal('apply') });

/** A step of the data layer, as a plan and a journal hold it. */
export const DataStep = z.discriminatedUnion('action', [
  /** Old content becomes the newest version of a stream. */
  base.extend({
    action: z.literal('put-stream'),
    digest: DigestText,
    size: z.number(),
    /** What the stream held when the plan was made; null: it was not there. */
    had: DigestText.nullable(),
  }),
  /** A stream ends; its versions stay. */
  base.extend({ action: z.literal('delete-stream'), had: DigestText }),
  /** A directory becomes what its manifest says. */
  base.extend({ action: z.literal('write-directory'), digest: DigestText, exact: z.boolean() }),
]);

/** A step of the data layer. */
export type DataStep = z.infer<typeof DataStep>;

/** Every stream and directory that differs, sorted by name. */
export function diffData(from: DataBody, to: DataBody): readonly Difference[] {
  return [
    ...differences('stream', digestsOf(from.streams), digestsOf(to.streams)),
    ...differences('directory', digestsOf(from.directories), digestsOf(to.directories)),
  ];
}

/**
 * Old content comes back as a new version; equal content is left alone. What the snapshot does not have is left and
 * said, and ended only with `exact`; directories that it does not have are always left.
 */
export function planData(have: DataBody, want: DataBody, request: PlanRequest): LayerPlan<DataStep> {
  const plan: Planning = { steps: [], impossible: [], left: [] };
  planStreams(have, want, request, plan);
  planDirectories(have, want, request, plan);
  return plan;
}

/** A plan that grows. */
interface Planning {
  readonly steps: DataStep[];
  readonly impossible: Remark[];
  readonly left: Remark[];
}

function planStreams(have: DataBody, want: DataBody, { settings, available }: PlanRequest, plan: Planning): void {
  for (const [item, { digest, size }] of sorted(want.streams)) {
    const had = have.streams[item]?.digest ?? null;
    if (had === digest) continue;
    if (!available.has(digest)) {
      plan.impossible.push(missing(item, digest));
      continue;
    }
    const words = { from: had === null ? 'absent' : shortDigest(had), to: shortDigest(digest), bytes: size };
    plan.steps.push({ ...COMMON, action: 'put-stream', item, ...words, digest, size, had });
  }
  for (const [item, { digest }] of sorted(have.streams)) {
    if (want.streams[item]) continue;
    if (settings.exact !== true) plan.left.push(notInSnapshot(item, 'End it with --exact'));
    else plan.steps.push({ ...COMMON, action: 'delete-stream', item, from: shortDigest(digest), had: digest });
  }
}

function planDirectories(have: DataBody, want: DataBody, { settings, available }: PlanRequest, plan: Planning): void {
  for (const [item, state] of sorted(want.directories)) {
    const had = have.directories[item]?.digest;
    const { digest } = state;
    if (digest === null) plan.left.push({ item: `${item}/`, why: 'the snapshot does not know what was in it' });
    else if (had === digest) continue;
    else if (!available.has(digest)) plan.impossible.push(missing(`${item}/`, digest));
    else {
      const words = { from: had === undefined ? 'absent' : shortDigest(had), to: shortDigest(digest) };
      const exact = settings.exact ?? false;
      plan.steps.push({ ...COMMON, action: 'write-directory', item, ...words, bytes: state.size, digest, exact });
    }
  }
  for (const [item] of sorted(have.directories)) {
    if (!want.directories[item]) plan.left.push(notInSnapshot(`${item}/`));
  }
}

function digestsOf(states: Readonly<Record<string, { readonly digest: Digest | null }>>) {
  return new Map(sorted(states).map(([name, { digest }]) => [name, digest]));
}

function differences(
  type: 'stream' | 'directory',
  from: ReadonlyMap<string, Digest | null>,
  to: ReadonlyMap<string, Digest | null>,
): readonly Difference[] {
  const names = [...new Set([...from.keys(), ...to.keys()])].sort();
  return names.flatMap((item): readonly Difference[] => {
    const [old, young] = [from.get(item), to.get(item)];
    const common = { layer: 'data', type, item } as const;
    if (old === undefined) return [{ ...common, change: 'added', to: shortDigest(young ?? null) }];
    if (young === undefined) return [{ ...common, change: 'removed', from: shortDigest(old) }];
    // Two unknown contents are not known to be equal, and not known to differ.
    if (old === young) return [];
    return [{ ...common, change: 'changed', from: shortDigest(old), to: shortDigest(young) }];
  });
}

function missing(item: string, digest: Digest): Remark {
  return {
    item,
    why: `the store does not have its content ${shortDigest(digest)}`,
    hint: 'Import the snapshot with its content, from `restage export` where it was saved',
  };
}

function notInSnapshot(item: string, hint?: string): Remark {
  return { item, why: 'is not in the snapshot', ...(hint !== undefined && { hint }) };
}
