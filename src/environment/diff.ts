import type { EnvironmentBase, EnvironmentBody, EnvironmentVariables } from '../model/environment.ts';
import type { Difference } from '../model/plan.ts';
import type { DistributionDriver } from './distributions/contract.ts';
import { liveSpec, pairDistributions } from './spec.ts';

/** Every difference between two environments: base, variables, then each distribution by its driver. */
export function diffEnvironments(
  drivers: readonly DistributionDriver[],
  from: EnvironmentBody,
  to: EnvironmentBody,
): readonly Difference[] {
  const [before, after] = [liveSpec(from), liveSpec(to)];
  if (!before || !after) return [];
  return [
    ...diffBase(before.base, after.base),
    ...diffVariables(before.env, after.env),
    ...pairDistributions(before.distributions, after.distributions).flatMap(
      (pair) => drivers.find(({ id }) => id === pair.type)?.diff(pair.from, pair.to) ?? [],
    ),
  ];
}

/** What differs in system, processor, kernel and C library. */
export function diffBase(from: EnvironmentBase, to: EnvironmentBase): Difference[] {
  const rows = (base: EnvironmentBase): readonly (readonly [string, string | null])[] => [
    ['os', [base.os.id, base.os.versionId].filter((part) => part !== null).join(' ') || null],
    ...(['arch', 'kernel', 'libc'] as const).map((name) => [name, base[name]] as const),
    ['cpu', base.cpu.model],
  ];
  const after = new Map(rows(to));
  return rows(from).flatMap(([item, was]) => difference('base', item, was ?? undefined, after.get(item) ?? undefined));
}

/** What differs in the variables that matter. Names of secrets do not count: their values are not known. */
export function diffVariables(from: EnvironmentVariables, to: EnvironmentVariables): Difference[] {
  const all = (env: EnvironmentVariables) => new Map([...Object.entries(env.set), ['PATH', env.path.join(':')]]);
  const [before, after] = [all(from), all(to)];
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .flatMap((name) => difference('variable', name, before.get(name), after.get(name)));
}

function difference(type: string, item: string, was: string | undefined, is: string | undefined): Difference[] {
  if (was === is) return [];
  const change = was === undefined ? 'added' : is === undefined ? 'removed' : 'changed';
  return [
    {
      ...{ layer: 'environment', change, type, item },
      ...(was !== undefined && { from: was }),
      ...(is !== undefined && { to: is }),
    },
  ];
}
