import type { NpmPackage, NpmTree } from '../../../model/environment.ts';
import type { Difference } from '../../../model/plan.ts';
import { itemAt } from '../../root-path.ts';

/** Every difference between two npm projects, by package. */
export function diffNpm(from: NpmTree | undefined, to: NpmTree | undefined): readonly Difference[] {
  const root = (to ?? from)?.root ?? '.';
  const entry = (change: Difference['change'], item: string, was?: string, is?: string): Difference => ({
    ...{ layer: 'environment', change, type: 'npm', item: itemAt(root, item) },
    ...(was !== undefined && { from: was }),
    ...(is !== undefined && { to: is }),
  });
  if (!from || !to) {
    const one = [entry(to ? 'added' : 'removed', root === '.' ? 'node_modules' : '', ...sides(from, to))];
    return from || to ? one.map((difference) => ({ ...difference, item: difference.item.trim() })) : [];
  }
  const packages = diffPackages(from.packages, to.packages, entry);
  const manifests = diffManifests(from, to, entry);
  // The links and the lock of npm follow the packages: by themselves they are news only when no package is.
  const isRestNews = packages.length === 0 && from.rest.digest !== to.rest.digest;
  const rest = isRestNews
    ? [entry('changed', 'node_modules/.bin', short(from.rest.digest), short(to.rest.digest))]
    : [];
  return [...packages, ...rest, ...manifests];
}

/** The name of a package among those of its tree: without the outermost `node_modules`. */
export function packageItem({ path }: Pick<NpmPackage, 'path'>): string {
  return path.replace(/^node_modules\//, '');
}

type Entry = (change: Difference['change'], item: string, from?: string, to?: string) => Difference;

function sides(from: NpmTree | undefined, to: NpmTree | undefined): [string | undefined, string | undefined] {
  const count = (tree: NpmTree | undefined) => tree && `${tree.packages.length} packages`;
  return [count(from), count(to)];
}

function diffPackages(from: readonly NpmPackage[], to: readonly NpmPackage[], entry: Entry): Difference[] {
  const before = new Map(from.map((one) => [one.path, one]));
  const after = new Map(to.map((one) => [one.path, one]));
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    const item = packageItem({ path });
    if (!was) return is ? [entry('added', item, undefined, label(is))] : [];
    if (!is) return [entry('removed', item, label(was))];
    if (was.content.digest === is.content.digest) return [];
    const [a, b] = [label(was), label(is)];
    // The same version with other files was edited by hand, or built anew.
    return a === b
      ? [entry('changed', item, `${a} files ${short(was.content.digest)}`, `${b} files ${short(is.content.digest)}`)]
      : [entry('changed', item, a, b)];
  });
}

function diffManifests(from: NpmTree, to: NpmTree, entry: Entry): Difference[] {
  const before = new Map(from.manifests.map(({ path, digest }) => [path, digest]));
  const after = new Map(to.manifests.map(({ path, digest }) => [path, digest]));
  // One side has them in git: there they are compared.
  if (before.size === 0 || after.size === 0) return [];
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was === is) return [];
    return [entry(was ? (is ? 'changed' : 'removed') : 'added', path, was && short(was), is && short(is))];
  });
}

function label({ version, link }: NpmPackage): string {
  return link === null ? (version ?? 'unknown') : `link to ${link}`;
}

function short(digest: string): string {
  return digest.slice(7, 15);
}
