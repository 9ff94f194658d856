import { dirname } from 'node:path/posix';
import { digestOf } from '../../../model/digest.ts';
import type { PythonPackage, VenvTree } from '../../../model/environment.ts';
import { compareText } from '../../../model/order.ts';
import { isSecretFile } from '../../../model/redact.ts';
import { absoluteRoot } from '../../root-path.ts';
import { restoreTree } from '../../tree/restore.ts';
import { partsOf, scanTree, type TreeFile } from '../../tree/scan.ts';
import { defineDistributionDriver, type DistributionContext } from '../contract.ts';
import { parseDirectUrl, parseMetadata, parseRecord, parseVenvConfiguration } from './parse.ts';
import { diffVenv, planVenv, type VenvStep } from './plan.ts';

const INFORMATION = /^(.*(?:site|dist)-packages)\/[^/]+\.(?:dist-info\/METADATA|egg-info\/PKG-INFO)$/;

/** Python virtual environments: the packages, and the files themselves, so that no index is needed again. */
export const venv = defineDistributionDriver<VenvTree, VenvStep>({
  id: 'venv',
  summary: 'Python virtual environments with their packages',
  scope: 'workspace',

  // The files say it all: no Python needs to run.
  probe: async () => ({ available: true }),

  recognize(entries) {
    return entries.some(({ name, kind }) => name === 'pyvenv.cfg' && kind === 'file') ? { owns: ['.'] } : undefined;
  },

  async capture(root, context) {
    const directory = absoluteRoot(root, context);
    const cacheFile = `${context.cache}/tree-${digestOf(directory).slice(7, 23)}.json`;
    const tree = await scanTree({ root: directory, cacheFile, skip: isSkipped }, context);
    const { packages, owners } = await readPackages(directory, tree.files, context);
    const parts = partsOf(tree.files, (path) => owners.get(path) ?? owners.get(informationFolder(path)) ?? '');
    return {
      body: {
        ...{ type: 'venv', root, how: 'observed' },
        ...parseVenvConfiguration(await context.files.readText(`${directory}/pyvenv.cfg`)),
        packages: packages.map((one) => ({ ...one, content: parts.get(one.name) ?? NO_FILES })),
        ...{ rest: parts.get('') ?? NO_FILES, kept: tree.archive },
      },
      notKept: [],
      unresolved: tree.unresolved.map(({ item, why }) => ({ item: `venv ${root}/${item}`, why })),
    };
  },

  diff: diffVenv,
  needs: ({ base }) => (base === null ? [] : [base]),
  plan: planVenv,

  async apply(step, context) {
    const root = absoluteRoot(step.root, context);
    await restoreTree(
      {
        ...{ root, archive: step.archive, skip: isSkipped, covers: () => true },
        before: (paths) => removeBytecode(root, paths, context),
      },
      context,
    );
  },
});

const NO_FILES = { files: 0, digest: digestOf('') };

/** What Python makes anew by itself, and secrets that lie loose beside the packages. */
function isSkipped(path: string): boolean {
  const isPackaged = path.includes('-packages/');
  return /(^|\/)(__pycache__$|[^/]+\.pyc$|\.restage-)/.test(path) || (!isPackaged && isSecretFile(path));
}

/** The folder `….dist-info` that a file lies in; empty if it lies in none. */
function informationFolder(path: string): string {
  return /^(.*\.(?:dist|egg)-info)\//.exec(path)?.[1] ?? '';
}

async function readPackages(
  directory: string,
  tree: readonly TreeFile[],
  { files }: Pick<DistributionContext, 'files'>,
): Promise<{ readonly packages: Omit<PythonPackage, 'content'>[]; readonly owners: ReadonlyMap<string, string> }> {
  const owners = new Map<string, string>();
  const packages = new Map<string, Omit<PythonPackage, 'content'>>();
  for (const { path } of tree) {
    const site = INFORMATION.exec(path)?.[1];
    const metadata = site === undefined ? undefined : parseMetadata(await files.readText(`${directory}/${path}`));
    if (site === undefined || !metadata) continue;
    const folder = dirname(path);
    const read = (name: string) => files.readIfExists(`${directory}/${folder}/${name}`);
    const [record, installer, direct] = [await read('RECORD'), await read('INSTALLER'), await read('direct_url.json')];
    const { url, editable } = parseDirectUrl(direct);
    packages.set(metadata.name, { ...metadata, installer: installer?.trim() ?? null, editable, directUrl: url });
    owners.set(folder, metadata.name);
    for (const owned of parseRecord(record ?? '', site)) owners.set(owned, metadata.name);
  }
  return { packages: [...packages.values()].sort((a, b) => compareText(a.name, b.name)), owners };
}

/** Python believes compiled code by the size and the second of its source: one that is put back may have both. */
async function removeBytecode(
  root: string,
  paths: readonly string[],
  { files }: Pick<DistributionContext, 'files'>,
): Promise<void> {
  const folders = new Set(paths.filter((path) => path.endsWith('.py')).map((path) => `${dirname(path)}/__pycache__`));
  for (const folder of folders) await files.remove(`${root}/${folder}`);
}
