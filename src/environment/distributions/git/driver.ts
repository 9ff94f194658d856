import type { GitTree } from '../../../model/environment.ts';
import type { Digest } from '../../../model/id.ts';
import { redactText } from '../../../model/redact.ts';
import { absoluteRoot, isWithin, pathBelow } from '../../root-path.ts';
import { defineDistributionDriver, type CaptureContext } from '../contract.ts';
import { applyGit } from './apply.ts';
import { keepCommits, type UnpublishedCommits } from './commits.ts';
import { diffGit } from './diff.ts';
import { planGit, type GitStep } from './plan.ts';
import { gitAt, must, type Git } from './run.ts';
import { parseConfig, parseStatus, parseSubmodules, type GitStatus } from './status.ts';
import { archiveWork, readWork, type UncommittedWork } from './work.ts';

const NOTHING_UNPUBLISHED: UnpublishedCommits = { pack: null, upon: [], notKept: [] };

/** git work trees: the commit, uncommitted work staged and not, untracked files, and commits that no remote has. */
export const git = defineDistributionDriver<GitTree, GitStep>({
  id: 'git',
  summary: 'git work trees with their uncommitted work',
  scope: 'workspace',

  async probe({ exec }) {
    const { status } = await exec('git', ['--version']);
    return status === 0 ? { available: true } : { available: false, reason: 'there is no git' };
  },

  recognize(entries) {
    // A file of this name is what a submodule and a linked work tree have.
    return entries.some(({ name, kind }) => name === '.git' && kind !== 'link') ? { owns: [] } : undefined;
  },

  async capture(root, context) {
    const directory = absoluteRoot(root, context);
    const run = gitAt(directory, context);
    const status = await readStatus(root, run, context);
    const work = await readWork(directory, status, context);
    const kept = await keepWork(status, work, run, context);
    const [commits, history, remotes, submodules, lacks] = await Promise.all([
      status.commit === undefined ? NOTHING_UNPUBLISHED : keepCommits(directory, status.commit, run, context),
      readHistory(status, run),
      readRemotes(run),
      readSubmodules(directory, run, context),
      lackingCommits(context, run),
    ]);
    const named = ({ item, why }: { readonly item: string; readonly why: string }) => ({
      item: `git ${root} ${item}`,
      why,
    });
    return {
      body: {
        ...{ type: 'git', root, how: 'observed' },
        ...{ commit: status.commit ?? null, branch: status.branch ?? null },
        ...{ ...history, remotes, submodules, changes: [...work.changes], untracked: [...work.untracked] },
        kept: { ...kept, commits: commits.pack, upon: [...commits.upon] },
        ...(lacks.length > 0 && { lacks }),
      },
      notKept: [...work.notKept, ...commits.notKept].map((one) => ({ ...one, what: `git ${root} ${one.what}` })),
      unresolved: work.unresolved.map(named),
    };
  },

  diff: diffGit,
  needs: () => [],
  plan: planGit,
  apply: applyGit,
});

/** Takes the credentials out of the address of a remote. What stands before an `@` in a web address can be a token. */
export function redactRemote(url: string): string {
  return redactText(url.replace(/^(https?:\/\/)[^/@]*@/, '$1'));
}

/** Snapshots are never part of a snapshot, and what another root owns is counted there. */
async function readStatus(root: string, run: Git, { claims, others }: CaptureContext): Promise<GitStatus> {
  const below = (folders: readonly string[]) => folders.flatMap((folder) => pathBelow(folder, root) ?? []);
  const excluded = below(claims).map((path) => `:(top,exclude,literal)${path}`);
  const options = [
    '--porcelain=v2',
    '--branch',
    '-z',
    '--untracked-files=all',
    '--no-renames',
    '--ignore-submodules=none',
  ];
  const answer = await must(
    run(['status', ...options, '--', ':(top)', ...excluded], { env: { GIT_LITERAL_PATHSPECS: undefined } }),
    'read the work tree',
  );
  const status = parseStatus(answer.stdout);
  const foreign = below(others);
  // Neither snapshots nor their bundles are part of what is saved: a load would take them away.
  const isOurs = (path: string) => !/\.snap(\.tar)?$|\/$/.test(path);
  return {
    ...status,
    changes: status.changes.filter(({ path }) => isOurs(path)),
    untracked: status.untracked.filter((path) => isOurs(path) && !foreign.some((folder) => isWithin(path, folder))),
  };
}

async function readHistory({ commit }: GitStatus, run: Git): Promise<Pick<GitTree, 'rootCommit' | 'describe'>> {
  if (commit === undefined) return { rootCommit: null, describe: null };
  const [roots, described] = await Promise.all([
    run(['rev-list', '--max-parents=0', commit]),
    run(['describe', '--tags', '--abbrev=12', commit]),
  ]);
  return {
    rootCommit: roots.stdout.trim().split('\n').sort()[0] ?? null,
    describe: described.status === 0 ? described.stdout.trim() : null,
  };
}

async function readRemotes(run: Git): Promise<GitTree['remotes']> {
  const { stdout } = await run(['config', '--null', '--get-regexp', '^remote\\..*\\.url$']);
  return Array.from(parseConfig(stdout), ([key, url]) => ({
    name: key.slice('remote.'.length, -'.url'.length),
    url: redactRemote(url),
  })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function readSubmodules(
  directory: string,
  run: Git,
  { files }: Pick<CaptureContext, 'files'>,
): Promise<GitTree['submodules']> {
  if (!(await files.exists(`${directory}/.gitmodules`))) return [];
  const found = parseSubmodules((await run(['ls-files', '--stage', '-z'])).stdout);
  if (found.length === 0) return [];
  const { stdout } = await run(['config', '--null', '--file', '.gitmodules', '--get-regexp', '^submodule\\.']);
  const settings = parseConfig(stdout);
  const keys = new Map(Array.from(settings, ([key, value]) => [value, key] as const));
  return found.map(({ path, commit }) => {
    const url = settings.get((keys.get(path) ?? '').replace(/\.path$/, '.url'));
    return { path, commit, url: url === undefined ? null : redactRemote(url) };
  });
}

async function keepWork(
  status: GitStatus,
  work: UncommittedWork,
  run: Git,
  context: CaptureContext,
): Promise<{ readonly patch: Digest | null; readonly work: Digest | null }> {
  const archive =
    work.sources.length === 0 ? undefined : await context.keep.take(archiveWork(work.sources, run, context));
  const paths = work.changes.filter(({ kept }) => kept).map(({ path }) => path);
  const patch = status.commit === undefined || paths.length === 0 ? '' : await patchOf(paths, run);
  const taken = patch.length === 0 ? undefined : await context.keep.take(once(Buffer.from(patch)));
  return { patch: taken?.digest ?? null, work: archive?.digest ?? null };
}

/** One patch of all that differs from HEAD, whatever the user's own settings of `diff` are. */
async function patchOf(paths: readonly string[], run: Git): Promise<Uint8Array | ''> {
  const settings = ['diff.noprefix=false', 'diff.mnemonicPrefix=false', 'diff.context=3', 'diff.interHunkContext=0'];
  const options = ['--binary', '--full-index', '--no-color', '--no-ext-diff', '--no-textconv', '--no-renames'];
  const { status, stdoutBytes } = await run([
    ...settings.flatMap((setting) => ['-c', setting]),
    ...['-c', 'diff.algorithm=myers', '-c', 'diff.orderFile=', 'diff', ...options, '--ignore-submodules=all', 'HEAD'],
    ...['--', ...paths.slice(0, PATCH_PATHS)],
  ]);
  return status === 0 ? stdoutBytes : '';
}

/** More arguments than this may be more than the system takes. */
const PATCH_PATHS = 2000;

/** The commits that the other side needs and this repository does not have. Only a comparison asks. */
async function lackingCommits({ want }: CaptureContext, run: Git): Promise<string[]> {
  if (want?.type !== 'git' || want.commit === null) return [];
  const asked = [...new Set([want.commit, ...want.kept.upon])].sort();
  const { stdout } = await run(['cat-file', '--batch-check=%(objectname)'], { input: `${asked.join('\n')}\n` });
  const present = new Set(stdout.split('\n'));
  return asked.filter((commit) => !present.has(commit));
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
