import { join } from 'node:path/posix';
import type { Distribution, EnvironmentSpec } from '../model/environment.ts';
import { compareText } from '../model/order.ts';
import type { Files } from '../platform/files.ts';
import { isWithin, pathBelow } from './root-path.ts';

/** Whom a file belongs to. */
export interface Owner {
  readonly type: Distribution['type'];
  readonly root: string;
  /** The package; `null` where the distribution has none, or the file belongs to no package of it. */
  readonly name: string | null;
  readonly version: string | null;
}

/** Finds the owner of an absolute path; `undefined` if nobody owns it. */
export type FindOwner = (path: string) => Owner | undefined;

/** Packages of dpkg by path. */
export type DpkgFiles = ReadonlyMap<string, string>;

/** Folders that are links since `/usr` was merged: package lists still say the old places. */
const MERGED = /^\/usr\/((?:s?bin|lib|lib32|lib64|libx32)\/.*)$/;
const LISTS = '/var/lib/dpkg/info';
/** How many lists are read at once. */
const AT_ONCE = 32;

/** Reads which file belongs to which package of dpkg: `name` or `name:arch` by path. Without dpkg it is empty. */
export async function readDpkgFiles(files: Pick<Files, 'list' | 'readText'>, root = ''): Promise<DpkgFiles> {
  const lists = (await files.list(`${root}${LISTS}`)).map(({ name }) => name).filter((name) => name.endsWith('.list'));
  const owners = new Map<string, string>();
  for (let from = 0; from < lists.length; from += AT_ONCE) {
    const texts = lists.slice(from, from + AT_ONCE).map(async (name) => {
      const text = await files.readText(`${root}${LISTS}/${name}`);
      return { owner: name.slice(0, -'.list'.length), paths: text.split('\n') };
    });
    for (const { owner, paths } of await Promise.all(texts)) for (const path of paths) owners.set(path, owner);
  }
  return owners;
}

/** Makes a search over all that a spec knows: the trees of the workspace first, the innermost before the others. */
export function ownerFinder(spec: EnvironmentSpec, workspace: string, dpkg: DpkgFiles): FindOwner {
  const trees = spec.distributions
    .filter(({ type }) => type !== 'apt')
    .map((distribution) => ({ distribution, at: join(workspace, distribution.root) }))
    .sort((a, b) => b.at.length - a.at.length || compareText(b.distribution.type, a.distribution.type));
  const apt = new Map<string, string>(
    spec.distributions.flatMap((one) =>
      one.type === 'apt' ? one.packages.map(({ name, arch, version }) => [`${name}:${arch}`, version] as const) : [],
    ),
  );
  const versions = new Map(Array.from(apt, ([name, version]) => [name.replace(/:.*$/, ''), version]));
  return (path) => {
    for (const { distribution, at } of trees) {
      const owner = isWithin(path, at) ? ownerInTree(distribution, pathBelow(path, at) ?? '') : undefined;
      if (owner) return owner;
    }
    const name = dpkg.get(path) ?? dpkg.get(path.replace(MERGED, '/$1'));
    if (name === undefined) return undefined;
    return { type: 'apt', root: '/', name, version: apt.get(name) ?? versions.get(name) ?? null };
  };
}

function ownerInTree(distribution: Distribution, path: string): Owner | undefined {
  const { type, root } = distribution;
  if (type === 'npm') {
    if (!isWithin(path, 'node_modules')) return undefined;
    const inside = distribution.packages.filter((one) => isWithin(path, one.path));
    const found = inside.sort((a, b) => b.path.length - a.path.length)[0];
    return { type, root, name: found?.path ?? null, version: found?.version ?? null };
  }
  if (type === 'venv') {
    const file = path
      .split('-packages/')[1]
      ?.split(/[/-]|\.py$/)[0]
      ?.toLowerCase();
    const found = distribution.packages.find(({ name }) => name.replaceAll('-', '_') === file?.replaceAll('-', '_'));
    return { type, root, name: found?.name ?? null, version: found?.version ?? null };
  }
  return type === 'git' ? { type, root, name: null, version: distribution.commit } : undefined;
}
