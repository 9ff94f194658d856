import type { AptPackage, AptSystem } from '../../../model/environment.ts';
import type { Difference } from '../../../model/plan.ts';

/** Every difference between the packages of two machines: versions, marks, and changed configuration files. */
export function diffApt(from: AptSystem | undefined, to: AptSystem | undefined): readonly Difference[] {
  if (!from || !to) {
    const one = (change: Difference['change'], { packages }: AptSystem): Difference[] => [
      entry(
        change,
        'all',
        change === 'removed' ? `${packages.length} packages` : undefined,
        change === 'added' ? `${packages.length} packages` : undefined,
      ),
    ];
    return from ? one('removed', from) : to ? one('added', to) : [];
  }
  return [...diffPackages(from.packages, to.packages), ...diffConffiles(from, to)];
}

function diffPackages(from: readonly AptPackage[], to: readonly AptPackage[]): Difference[] {
  const before = new Map(from.map((one) => [name(one), one]));
  const after = new Map(to.map((one) => [name(one), one]));
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((item) => {
    const [was, is] = [before.get(item), after.get(item)];
    if (!was) return [entry('added', item, undefined, is?.version)];
    if (!is) return [entry('removed', item, was.version)];
    if (was.version !== is.version) return [entry('changed', item, was.version, is.version)];
    const [a, b] = [marks(was), marks(is)];
    return a === b ? [] : [entry('changed', item, a, b)];
  });
}

function diffConffiles(from: AptSystem, to: AptSystem): Difference[] {
  const state = ({ state: word, content }: AptSystem['conffiles'][number]) =>
    content === null ? word : `${word} ${content.slice(7, 15)}`;
  const before = new Map(from.conffiles.map((one) => [one.path, state(one)]));
  const after = new Map(to.conffiles.map((one) => [one.path, state(one)]));
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((path) => {
    const [was, is] = [before.get(path) ?? 'as packaged', after.get(path) ?? 'as packaged'];
    return was === is ? [] : [entry('changed', path, was, is)];
  });
}

function name({ name: own, arch }: AptPackage): string {
  return `${own}:${arch}`;
}

function marks({ auto, hold, state }: AptPackage): string {
  return [auto ? 'automatic' : 'manual', ...(hold ? ['held'] : []), ...(state === 'installed' ? [] : [state])].join(
    ', ',
  );
}

function entry(change: Difference['change'], item: string, was?: string, is?: string): Difference {
  return {
    ...{ layer: 'environment', change, type: 'apt', item },
    ...(was !== undefined && { from: was }),
    ...(is !== undefined && { to: is }),
  };
}
