import type { Distribution, EnvironmentBody } from '../model/environment.ts';
import type { Difference, LayerPlan, Remark } from '../model/plan.ts';
import type { PlanRequest } from '../snapshot/layer.ts';
import { diffBase, diffVariables } from './diff.ts';
import type { DistributionDriver, DistributionStep } from './distributions/contract.ts';
import { liveSpec, pairDistributions } from './spec.ts';

/** Files under git first, so that a project is there when its packages come. */
const ORDER: readonly string[] = ['git', 'venv', 'npm'];

/**
 * The steps that bring the distributions of the workspace back. The machine is not the experiment: its packages, its
 * base and the variables of a shell are left as they are.
 */
export function planEnvironment(
  drivers: readonly DistributionDriver[],
  have: EnvironmentBody,
  want: EnvironmentBody,
  { settings, available }: PlanRequest,
): LayerPlan<DistributionStep> {
  const [before, after] = [liveSpec(have), liveSpec(want)];
  if (!before || !after) return { steps: [], impossible: [], left: [] };
  const parts: LayerPlan<DistributionStep>[] = [
    leftAlone('base', diffBase(before.base, after.base), 'a load does not change the machine under the experiment'),
    leftAlone('variables', diffVariables(before.env, after.env), 'a load cannot change the variables of your shell'),
  ];
  const pairs = pairDistributions(before.distributions, after.distributions);
  for (const { from, to, type } of pairs.sort((a, b) => ORDER.indexOf(a.type) - ORDER.indexOf(b.type))) {
    const driver = drivers.find(({ id }) => id === type);
    if (!driver) continue;
    if (driver.scope === 'machine') parts.push(planMachine(driver, from, to, settings.system === true));
    else if (to) parts.push(lacking(driver, to, before.lacks) ?? driver.plan(from, to, available));
    else if (from) parts.push(leftOver(from));
  }
  return {
    steps: parts.flatMap(({ steps }) => steps),
    impossible: parts.flatMap(({ impossible }) => impossible),
    left: parts.flatMap(({ left }) => left),
  };
}

function planMachine(
  driver: DistributionDriver,
  from: Distribution | undefined,
  to: Distribution | undefined,
  isAsked: boolean,
): LayerPlan<DistributionStep> {
  const differences = driver.diff(from, to);
  if (differences.length === 0) return { steps: [], impossible: [], left: [] };
  if (!isAsked) return leftAlone(driver.id, differences, 'they belong to the machine, and not to the workspace');
  const remark = {
    item: driver.id,
    why: `${count(differences)}, and this restage cannot change the packages of a machine`,
    hint: 'Load without --system, and change them by hand',
  };
  return { steps: [], impossible: [remark], left: [] };
}

/** Whether the machine lacks what a distribution stands on. */
function lacking(
  driver: DistributionDriver,
  want: Distribution,
  lacks: readonly string[] = [],
): LayerPlan<DistributionStep> | undefined {
  const missing = driver.needs(want).find((path) => lacks.includes(path));
  if (missing === undefined) return undefined;
  const remark = { item: `${want.type} ${want.root}`, why: `it needs ${missing}, which is not here` };
  return { steps: [], impossible: [remark], left: [] };
}

/** What the snapshot does not know of may be somebody's new work. */
function leftOver({ type, root }: Distribution): LayerPlan<DistributionStep> {
  const remark: Remark = { item: `${type} ${root}`, why: 'the snapshot does not have it, so it stays' };
  return { steps: [], impossible: [], left: [remark] };
}

function leftAlone(item: string, differences: readonly Difference[], why: string): LayerPlan<DistributionStep> {
  const left = differences.length === 0 ? [] : [{ item, why: `${count(differences)}; ${why}` }];
  return { steps: [], impossible: [], left };
}

function count(differences: readonly Difference[]): string {
  const names = differences.slice(0, 3).map(({ item }) => item);
  const more = differences.length > names.length ? ` and ${differences.length - names.length} more` : '';
  return `${differences.length === 1 ? '1 difference' : `${differences.length} differences`} (${names.join(', ')}${more})`;
}
