import { basename, join } from 'node:path';
import type { Context } from '../platform/context.ts';
import type { SnapshotContext } from './context.ts';
import { ensureExcluded } from './exclude.ts';

/** The workspace that is there now. */
export interface Initialized {
  readonly schema: 'restage/init/1';
  readonly workspace: string;
  /** Where its store lies. */
  readonly store: string;
  /** The file that keeps `.restage/` out of git; absent outside a work tree. */
  readonly excludedIn?: string;
  /** Directories that no layer keeps yet and that look like data: proposed for `[data] dirs`. */
  readonly proposals: readonly string[];
}

/** Directories that another layer re-creates, or that are made anew from the rest. */
const REMADE: ReadonlySet<string> = new Set(
  'node_modules venv env virtualenv __pycache__ build dist target coverage tmp temp cache logs vendor'.split(' '),
);

/** How many directories are proposed at most. */
const PROPOSALS = 20;

/** Prepares a workspace that has been opened: keeps the store out of git, and proposes what to keep. May be repeated. */
export async function init(context: SnapshotContext): Promise<Initialized> {
  const { workspace, store, configuration } = context;
  const excludedIn = await ensureExcluded(context);
  const declared = new Set((configuration.get('data', 'dirs') ?? '').split(/[\s,]+/));
  const candidates = excludedIn === undefined ? await topDirectories(context) : await untrackedDirectories(context);
  const proposals: string[] = [];
  for (const directory of candidates) {
    if (declared.has(directory) || proposals.length === PROPOSALS) continue;
    if (await looksLikeData(directory, context)) proposals.push(directory);
  }
  return {
    ...{ schema: 'restage/init/1', workspace, store: store.description.place },
    ...(excludedIn !== undefined && { excludedIn }),
    proposals,
  };
}

async function topDirectories({ files, workspace }: SnapshotContext): Promise<string[]> {
  return (await files.list(workspace)).filter(({ kind }) => kind === 'directory').map(({ name }) => name);
}

/** What git does not track is what a clone would not bring back. */
async function untrackedDirectories({ exec, workspace }: SnapshotContext): Promise<string[]> {
  const args = ['ls-files', '-z', '--others', '--directory', '--no-empty-directory'];
  const { stdout, status } = await exec('git', args, { cwd: workspace });
  if (status !== 0) return [];
  return stdout
    .split('\0')
    .filter((path) => path.endsWith('/'))
    .map((path) => path.slice(0, -1));
}

async function looksLikeData(
  directory: string,
  { files, workspace }: Pick<Context, 'files'> & { readonly workspace: string },
): Promise<boolean> {
  if (directory.split('/').some((part) => part.startsWith('.') || REMADE.has(part))) return false;
  const path = join(workspace, directory);
  const names = new Set((await files.list(path)).map(({ name }) => name));
  if (names.size === 0 || names.has('.git')) return false;
  return !['pyvenv.cfg', 'package.json', 'session.json'].some((mark) => names.has(mark)) && basename(path) !== '';
}
