import type { GitTree } from '../../../model/environment.ts';
import type { Digest } from '../../../model/id.ts';
import type { LayerPlan, Remark } from '../../../model/plan.ts';
import { itemAt } from '../../root-path.ts';
import { someNames } from '../../tree/plan-tree.ts';
import type { DistributionStep } from '../contract.ts';
import { diffGit, pathStates } from './diff.ts';

/** What one path is to become. */
export interface GitTarget {
  readonly path: string;
  /** `head`: as HEAD has it, which may be not at all. */
  readonly index: 'head' | 'deleted' | { readonly mode: string; readonly blob: string };
  /** `index`: as the index then has it, which may be not at all. */
  readonly work: 'index' | 'deleted' | { readonly mode: string; readonly digest: Digest };
}

/** Takes HEAD to a commit, in a repository that is made if need be. No branch that exists is moved. */
export type GitCheckout = DistributionStep & {
  readonly type: 'git';
  readonly action: 'create' | 'checkout';
  readonly commit: string | null;
  readonly branch: string | null;
  /** Where the commit comes from if the repository does not have it. */
  readonly pack: Digest | null;
  readonly remotes: GitTree['remotes'];
};

/** Puts uncommitted work back, path by path. */
export type GitRestore = DistributionStep & {
  readonly type: 'git';
  readonly action: 'restore';
  readonly targets: readonly GitTarget[];
  /** The archive with their contents; `null` if none is needed. */
  readonly work: Digest | null;
};

/** A step of this driver. */
export type GitStep = GitCheckout | GitRestore;

/** The steps to another commit and other uncommitted work. Without either difference there is nothing to do. */
export function planGit(have: GitTree | undefined, want: GitTree, available: ReadonlySet<Digest>): LayerPlan<GitStep> {
  const item = `git ${want.root}`;
  const moves = have?.commit !== want.commit || !have;
  const impossible: Remark[] = [];
  const left: Remark[] = [];
  if (moves) impossible.push(...unreachable(item, have, want, available), ...unsavable(have));
  const targets: GitTarget[] = [];
  for (const path of pathsToRestore(have, want, moves)) {
    const loss = lossAt(path, have, want);
    if (loss === undefined) targets.push(targetOf(path, want));
    else (loss.isFatal ? impossible : left).push(loss.remark);
  }
  const needsWork = targets.some(
    ({ index, work }) => typeof work === 'object' || (typeof index === 'object' && index.mode !== '160000'),
  );
  if (needsWork && (want.kept.work === null || !available.has(want.kept.work)))
    impossible.push({ item, why: 'its uncommitted work is not in this store' });
  left.push(...changedRemotes(have, want));
  if (impossible.length > 0) return { steps: [], impossible, left };
  const steps: GitStep[] = [];
  if (moves) steps.push(checkout(item, have, want));
  if (targets.length > 0) steps.push(restore(have, want, targets, needsWork ? want.kept.work : null));
  return { steps, impossible, left };
}

function checkout(item: string, have: GitTree | undefined, want: GitTree): GitCheckout {
  const { root, commit, branch, kept, remotes } = want;
  const short = (id: string | null) => id?.slice(0, 10) ?? 'no commit';
  // A load never moves a branch: who commits afterwards must know where.
  const where = branch === null || !have ? '' : `, detached unless ${branch} is there`;
  return {
    ...{ layer: 'environment', phase: 'apply', type: 'git', root, item },
    ...{
      action: have ? 'checkout' : 'create',
      ...(have && { from: short(have.commit) }),
      to: `${short(commit)}${where}`,
    },
    ...{ commit, branch, pack: kept.commits, remotes: have ? [] : remotes },
  };
}

function restore(
  have: GitTree | undefined,
  want: GitTree,
  targets: readonly GitTarget[],
  work: Digest | null,
): GitRestore {
  const [first] = targets;
  const isOne = targets.length === 1 && first !== undefined;
  return {
    ...{ layer: 'environment', phase: 'apply', action: 'restore', type: 'git', root: want.root },
    item: isOne ? `git ${itemAt(want.root, first.path)}` : `git ${want.root}`,
    to: isOne ? fateOf(first, have, want) : fatesText(targets, have, want),
    ...{ targets, work },
  };
}

const TAKEN_AWAY = 'taken away';

/** What becomes of one file. An untracked one that is not wanted goes; only a commit could have it. */
function fateOf({ path }: GitTarget, have: GitTree | undefined, want: GitTree): string {
  const wanted = pathStates(want).get(path)?.word;
  const isUntracked = have?.untracked.some((one) => one.path === path) === true;
  return wanted ?? (isUntracked ? TAKEN_AWAY : 'as committed');
}

/** Files that go are named apart: who reads the plan must see what it costs. */
function fatesText(targets: readonly GitTarget[], have: GitTree | undefined, want: GitTree): string {
  const goes = (target: GitTarget) => fateOf(target, have, want) === TAKEN_AWAY;
  const stay = targets.filter((target) => !goes(target)).map(({ path }) => path);
  const gone = targets.filter(goes).map(({ path }) => path);
  const parts = [
    ...(stay.length > 0 ? [`${stay.length} ${stay.length === 1 ? 'file' : 'files'}: ${someNames(stay)}`] : []),
    ...(gone.length > 0 ? [`${gone.length} ${TAKEN_AWAY}: ${someNames(gone)}`] : []),
  ];
  return parts.join('; ');
}

/** Why HEAD cannot be taken to the commit. */
function unreachable(
  item: string,
  have: GitTree | undefined,
  { commit, kept, remotes }: GitTree,
  available: ReadonlySet<Digest>,
): Remark[] {
  if (commit === null) return have ? [{ item, why: 'it had no commit yet, and now it has' }] : [];
  const isHere = (id: string) => have !== undefined && !have.lacks?.includes(id);
  if (isHere(commit)) return [];
  const isComplete = kept.upon.every(isHere);
  if (kept.commits !== null && isComplete && available.has(kept.commits)) return [];
  if (kept.commits !== null && isComplete) return [{ item, why: 'its commits are not in this store' }];
  const [remote] = remotes;
  const why = `commit ${commit.slice(0, 10)} is not here, and only what no remote has was kept`;
  if (!remote) return [{ item, why }];
  return [{ item, why, hint: have ? `Run \`git fetch ${remote.name}\` there` : `Clone ${remote.url} to that place` }];
}

/** A checkout replaces tracked files that have uncommitted work: it must have been possible to save it. */
function unsavable(have: GitTree | undefined): Remark[] {
  const lost = have?.changes.filter(
    ({ kept, index, work }) => !kept && (typeof work === 'object' || typeof index === 'object'),
  );
  return (lost ?? []).map(({ path }) => ({
    item: `git ${itemAt(have?.root ?? '.', path)}`,
    why: 'its uncommitted work is held by digest only, and a checkout would lose it',
    hint: 'Commit it, or move it away',
  }));
}

/** After a checkout tracked files are as committed: there, all that is wanted has to be put back. */
function pathsToRestore(have: GitTree | undefined, want: GitTree, moves: boolean): string[] {
  const before = have ? pathStates(have) : new Map<string, never>();
  const after = pathStates(want);
  const stays = new Set(have?.untracked.map(({ path }) => path));
  return [...new Set([...before.keys(), ...after.keys()])].sort().filter((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    if (moves && is && !stays.has(path)) return true;
    if (moves && !is && !stays.has(path)) return false;
    return was?.key !== is?.key;
  });
}

/** What stands in the way of one path: content that was not kept, on either side. */
function lossAt(
  path: string,
  have: GitTree | undefined,
  want: GitTree,
): { readonly isFatal: boolean; readonly remark: Remark } | undefined {
  const was = have?.untracked.find((one) => one.path === path) ?? have?.changes.find((one) => one.path === path);
  const is = want.untracked.find((one) => one.path === path) ?? want.changes.find((one) => one.path === path);
  const item = `git ${itemAt(want.root, path)}`;
  if (is && !is.kept) return { isFatal: false, remark: { item, why: 'its content is held by digest only' } };
  if (!was || was.kept || ('work' in was && was.work === 'deleted')) return undefined;
  if (!is) return { isFatal: false, remark: { item, why: 'its content could not be kept, so it is left there' } };
  return {
    isFatal: true,
    remark: { item, why: 'what is there now could not be kept, and would be lost', hint: 'Move it away' },
  };
}

function targetOf(path: string, want: GitTree): GitTarget {
  const change = want.changes.find((one) => one.path === path);
  if (change) return { path, index: change.index ?? 'head', work: change.work ?? 'index' };
  const file = want.untracked.find((one) => one.path === path);
  return { path, index: 'head', work: file ? { mode: file.mode, digest: file.digest } : 'index' };
}

function changedRemotes(have: GitTree | undefined, want: GitTree): Remark[] {
  if (!have) return [];
  return diffGit(
    { ...have, commit: null, changes: [], untracked: [] },
    { ...want, commit: null, changes: [], untracked: [] },
  )
    .filter(({ item }) => item.includes('remote '))
    .map(({ item }) => ({ item: `git ${item}`, why: 'a load does not change where you push to' }));
}
