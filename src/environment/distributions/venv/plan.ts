import type { PythonPackage, VenvTree } from '../../../model/environment.ts';
import type { Digest } from '../../../model/id.ts';
import type { Difference, LayerPlan } from '../../../model/plan.ts';
import { itemAt } from '../../root-path.ts';
import { missingArchive, someNames } from '../../tree/plan-tree.ts';
import type { DistributionStep } from '../contract.ts';

/** Puts a virtual environment back. */
export type VenvStep = DistributionStep & {
  readonly type: 'venv';
  readonly action: 'restore';
  readonly archive: Digest;
};

/** Every difference between two virtual environments: Python, packages, and what no package owns. */
export function diffVenv(from: VenvTree | undefined, to: VenvTree | undefined): readonly Difference[] {
  const { root } = to ?? from ?? { root: '.' };
  const entry = (change: Difference['change'], item: string, was?: string, is?: string): Difference => ({
    ...{ layer: 'environment', change, type: 'venv', item },
    ...(was !== undefined && { from: was }),
    ...(is !== undefined && { to: is }),
  });
  if (!from) return to ? [entry('added', root, undefined, summary(to))] : [];
  if (!to) return [entry('removed', root, summary(from))];
  const python =
    summaryOfPython(from) === summaryOfPython(to)
      ? []
      : [entry('changed', root, summaryOfPython(from), summaryOfPython(to))];
  const before = new Map(from.packages.map((one) => [one.name, one]));
  const after = new Map(to.packages.map((one) => [one.name, one]));
  const packages = [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    const item = itemAt(root, name);
    if (!was) return [entry('added', item, undefined, is?.version)];
    if (!is) return [entry('removed', item, was.version)];
    const [a, b] = [label(was), label(is)];
    if (a !== b) return [entry('changed', item, a, b)];
    if (was.content.digest === is.content.digest) return [];
    // The same version with other files was edited by hand, or built anew.
    return [
      entry('changed', item, `${a} files ${short(was.content.digest)}`, `${b} files ${short(is.content.digest)}`),
    ];
  });
  // With another Python the links and scripts are others too: that is one piece of news, not two.
  const isRestNews = python.length === 0 && from.rest.digest !== to.rest.digest;
  const rest = isRestNews
    ? [entry('changed', itemAt(root, '(files of no package)'), short(from.rest.digest), short(to.rest.digest))]
    : [];
  return [...python, ...packages, ...rest];
}

/** One step for the whole environment: which file belongs to which package is only known by its content. */
export function planVenv(
  have: VenvTree | undefined,
  want: VenvTree,
  available: ReadonlySet<Digest>,
): LayerPlan<VenvStep> {
  const differences = diffVenv(have, want);
  const none = { steps: [], impossible: [], left: [] };
  if (differences.length === 0) return none;
  const missing = missingArchive(`venv ${want.root}`, want, available);
  if (missing) return { ...none, impossible: [missing] };
  const { kept, root } = want;
  if (!kept) return none;
  const [first] = differences;
  const wording =
    have && first && differences.length === 1
      ? { item: `venv ${first.item}`, ...(first.from !== undefined && { from: first.from }), to: first.to ?? 'absent' }
      : { item: `venv ${root}`, to: have ? someNames(differences.map(({ item }) => item)) : summary(want) };
  return {
    ...none,
    steps: [
      {
        ...{ layer: 'environment', phase: 'apply', action: 'restore', type: 'venv', root, archive: kept.digest },
        ...{ ...wording, ...(!have && { bytes: kept.bytes }) },
      },
    ],
  };
}

function summary(tree: VenvTree): string {
  return `${summaryOfPython(tree)}, ${tree.packages.length} packages`;
}

function summaryOfPython({ python, systemSite }: VenvTree): string {
  return `Python ${python ?? 'unknown'}${systemSite ? ' with system packages' : ''}`;
}

function label({ version, editable, directUrl }: PythonPackage): string {
  return `${version}${directUrl === null ? '' : ` from ${directUrl}`}${editable ? ' (editable)' : ''}`;
}

function short(digest: string): string {
  return digest.slice(7, 15);
}
