import type { Distribution, EnvironmentBody, EnvironmentSpec } from '../model/environment.ts';

/** The spec of the live environment of a body; `undefined` if it has none. */
export function liveSpec({ environments, specs }: EnvironmentBody): EnvironmentSpec | undefined {
  const live = environments.find(({ name }) => name === 'live');
  return live && specs[live.spec];
}

/** The distributions of two specs in pairs, by type and root, in the order of both. */
export function pairDistributions(
  from: readonly Distribution[],
  to: readonly Distribution[],
): { readonly from: Distribution | undefined; readonly to: Distribution | undefined; readonly type: string }[] {
  const key = ({ type, root }: Distribution) => `${type}\0${root}`;
  const before = new Map(from.map((one) => [key(one), one]));
  const after = new Map(to.map((one) => [key(one), one]));
  return [...new Set([...before.keys(), ...after.keys()])].sort().map((name) => ({
    ...{ from: before.get(name), to: after.get(name) },
    type: name.slice(0, name.indexOf('\0')),
  }));
}
