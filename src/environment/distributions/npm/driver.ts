import { digestOf } from '../../../model/digest.ts';
import type { NpmTree } from '../../../model/environment.ts';
import type { NpmPackage } from '../../../model/environment.ts';
import type { Remark } from '../../../model/plan.ts';
import { isSecretFile } from '../../../model/redact.ts';
import { absoluteRoot } from '../../root-path.ts';
import { restoreTree } from '../../tree/restore.ts';
import { partsOf, scanTree, type ScannedTree } from '../../tree/scan.ts';
import { defineDistributionDriver, type CaptureContext, type DistributionContext } from '../contract.ts';
import { diffNpm } from './diff.ts';
import { isCache, packageOf, parseLock, parseManifest } from './packages.ts';
import { planNpm, type NpmStep } from './plan.ts';

const LOCKS = ['package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock'];
/** How many manifests of packages are read at once. */
const AT_ONCE = 24;

/** npm projects: what is installed in `node_modules`, and the files themselves, so that no registry is needed again. */
export const npm = defineDistributionDriver<NpmTree, NpmStep>({
  id: 'npm',
  summary: 'npm projects with their node_modules',
  scope: 'workspace',

  // The files say it all: neither npm nor a network is needed.
  probe: async () => ({ available: true }),

  recognize(entries) {
    const has = (name: string, kind: string) => entries.some((entry) => entry.name === name && entry.kind === kind);
    const isProject = has('package.json', 'file') && LOCKS.some((lock) => has(lock, 'file'));
    return isProject || has('node_modules', 'directory') ? { owns: ['node_modules'] } : undefined;
  },

  async capture(root, context) {
    const directory = absoluteRoot(root, context);
    const isInstalled = (await context.files.stat(`${directory}/node_modules`))?.kind === 'directory';
    const tree = isInstalled ? await scanTree({ ...treeOf(directory, context), skip: isSkipped }, context) : undefined;
    const { name } = parseManifest(await context.files.readIfExists(`${directory}/package.json`));
    const parts = partsOf(tree?.files ?? [], packageOf);
    const packages = await readPackages(directory, tree, parts, context);
    const { manifests, unresolved } = await keepManifests(directory, context);
    return {
      body: {
        ...{ type: 'npm', root, how: 'observed', name, packages },
        rest: parts.get('') ?? { files: 0, digest: digestOf('') },
        ...{ manifests, kept: tree?.archive ?? null },
      },
      notKept: [],
      unresolved: [
        ...unresolved,
        ...(tree?.unresolved ?? []).map(({ item, why }) => ({ item: `npm ${root} node_modules/${item}`, why })),
      ],
    };
  },

  diff: diffNpm,
  needs: () => [],
  plan: planNpm,

  async apply(step, context) {
    const directory = absoluteRoot(step.root, context);
    for (const { path, digest } of step.manifests) {
      await context.files.write(`${directory}/${path}`, await context.content.read(digest));
    }
    if (step.archive === null) {
      if (step.parts === null) await context.files.remove(`${directory}/node_modules`);
      return;
    }
    const parts = step.parts && new Set(step.parts);
    await restoreTree(
      {
        ...{ root: `${directory}/node_modules`, archive: step.archive, skip: isSkipped },
        covers: (path) => parts?.has(packageOf(path)) ?? true,
      },
      context,
    );
  },
});

function treeOf(
  directory: string,
  { cache }: DistributionContext,
): { readonly root: string; readonly cacheFile: string } {
  const root = `${directory}/node_modules`;
  return { root, cacheFile: `${cache}/tree-${digestOf(root).slice(7, 23)}.json` };
}

/** Files of packages are what the registry gives to everybody; a secret can only lie loose beside them. */
function isSkipped(path: string): boolean {
  return isCache(path) || (packageOf(path) === '' && isSecretFile(path));
}

async function readPackages(
  directory: string,
  tree: ScannedTree | undefined,
  parts: ReturnType<typeof partsOf>,
  { files }: Pick<DistributionContext, 'files'>,
): Promise<NpmPackage[]> {
  const links = new Map(tree?.files.flatMap(({ path, target }) => (target === undefined ? [] : [[path, target]])));
  const inner = parseLock(await files.readIfExists(`${directory}/node_modules/.package-lock.json`));
  const outer = inner.size > 0 ? inner : parseLock(await files.readIfExists(`${directory}/package-lock.json`));
  const places = [...parts.keys()].filter((path) => path !== '').sort();
  const packages: NpmPackage[] = [];
  for (let from = 0; from < places.length; from += AT_ONCE) {
    const texts = places.slice(from, from + AT_ONCE).map(async (path): Promise<NpmPackage> => {
      const { name, version } = parseManifest(await files.readIfExists(`${directory}/${path}/package.json`));
      const { integrity = null, resolved = null } = outer.get(path) ?? {};
      const link = links.get(path.slice('node_modules/'.length)) ?? null;
      const content = parts.get(path) ?? { files: 0, digest: digestOf('') };
      return { path, name, version, integrity, resolved, link, content };
    });
    packages.push(...(await Promise.all(texts)));
  }
  return packages;
}

/** In a git work tree the manifests are git's; elsewhere nobody else would bring them back. */
async function keepManifests(
  directory: string,
  { files, keep, isInGit }: CaptureContext,
): Promise<{ readonly manifests: NpmTree['manifests']; readonly unresolved: readonly Remark[] }> {
  const manifests: NpmTree['manifests'] = [];
  if (isInGit) return { manifests, unresolved: [] };
  for (const path of ['package.json', ...LOCKS].sort()) {
    const text = await files.readIfExists(`${directory}/${path}`);
    if (text === undefined) continue;
    const { digest } = await keep.take(once(Buffer.from(text)));
    manifests.push({ path, digest });
  }
  return { manifests, unresolved: [] };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
