import type { NpmTree } from '../../../model/environment.ts';
import type { Digest } from '../../../model/id.ts';
import type { LayerPlan } from '../../../model/plan.ts';
import { itemAt } from '../../root-path.ts';
import { differentParts, missingArchive, someNames, type TreeParts } from '../../tree/plan-tree.ts';
import type { DistributionStep } from '../contract.ts';
import { diffNpm, packageItem } from './diff.ts';

/** Puts packages of one npm project back. */
export type NpmStep = DistributionStep & {
  readonly type: 'npm';
  readonly action: 'restore';
  /** The packages whose files are put back or removed, `''` for what lies loose; `null`: all there is. */
  readonly parts: readonly string[] | null;
  /** `null`: nothing was installed. */
  readonly archive: Digest | null;
  readonly manifests: NpmTree['manifests'];
};

/** One step for the whole project: its archive is read once, whatever differs. */
export function planNpm(have: NpmTree | undefined, want: NpmTree, available: ReadonlySet<Digest>): LayerPlan<NpmStep> {
  const none = { steps: [], impossible: [], left: [] };
  const item = `npm ${want.root}`;
  const parts = differentParts(partsOfTree(have), partsOfTree(want));
  const held = new Map(have?.manifests.map(({ path, digest }) => [path, digest]));
  const manifests = want.manifests.filter(({ path, digest }) => held.get(path) !== digest);
  if (have && parts.length === 0 && manifests.length === 0) return none;
  const lost = manifests.find(({ digest }) => !available.has(digest));
  if (lost) return { ...none, impossible: [{ item: `${item} ${lost.path}`, why: 'its content is not in this store' }] };
  const wantsFiles = want.packages.length + want.rest.files > 0;
  const missing = wantsFiles && parts.length > 0 ? missingArchive(item, want, available) : undefined;
  if (missing) return { ...none, impossible: [missing] };
  const isWhole = !have || have.packages.length === 0 || !wantsFiles;
  return {
    ...none,
    steps: [
      {
        ...{ layer: 'environment', phase: 'apply', action: 'restore', type: 'npm', root: want.root },
        ...wording(have, want),
        ...{ parts: isWhole ? null : parts, manifests, archive: wantsFiles ? (want.kept?.digest ?? null) : null },
        ...(isWhole && want.kept && { bytes: want.kept.bytes }),
      },
    ],
  };
}

function partsOfTree(tree: NpmTree | undefined): TreeParts {
  if (!tree) return new Map();
  const parts = new Map(tree.packages.map(({ path, content }) => [path, content.digest]));
  if (tree.rest.files > 0) parts.set('', tree.rest.digest);
  return parts;
}

/** One package is named with its versions; of several the names are given. */
function wording(
  have: NpmTree | undefined,
  want: NpmTree,
): { readonly item: string; readonly from?: string; readonly to?: string } {
  const item = `npm ${want.root}`;
  const differences = have ? diffNpm(have, want) : [];
  const [first] = differences;
  if (!first) return { item, to: `${want.packages.length} packages` };
  if (differences.length === 1) {
    const { item: name, from, to } = first;
    return { item: `npm ${name}`, ...(from !== undefined && { from }), to: to ?? 'absent' };
  }
  const names = differences.map((difference) => difference.item.replace(itemAt(want.root, ''), ''));
  return { item, to: `${differences.length} changes: ${someNames(names.map((path) => packageItem({ path })))}` };
}
