import type { GitTree } from '../../../model/environment.ts';
import type { Difference } from '../../../model/plan.ts';
import { itemAt } from '../../root-path.ts';

/** What a path of a work tree is, in so far as it is not as committed. */
export interface GitPathState {
  /** Equal states have equal keys. */
  readonly key: string;
  /** For people: `modified`, `staged`, `deleted`, `untracked`. */
  readonly word: string;
  /** The first digits of the content, to tell two states with one word apart. */
  readonly content: string;
  readonly kept: boolean;
}

/**
 * Every difference between two work trees: commit, remotes, and each path with uncommitted work.
 *
 * The name of the branch is none, since a load that may not move a branch leaves HEAD detached. Submodules are
 * compared as what they are: an index entry of the parent, and a work tree of their own.
 */
export function diffGit(from: GitTree | undefined, to: GitTree | undefined): readonly Difference[] {
  const { root } = to ?? from ?? { root: '.' };
  const entry = (change: Difference['change'], item: string, was?: string, is?: string): Difference => ({
    ...{ layer: 'environment', change, type: 'git', item },
    ...(was !== undefined && { from: was }),
    ...(is !== undefined && { to: is }),
  });
  if (!from) return to ? [entry('added', root, undefined, commitText(to))] : [];
  if (!to) return [entry('removed', root, commitText(from))];
  const commit = from.commit === to.commit ? [] : [entry('changed', root, commitText(from), commitText(to))];
  return [...commit, ...diffRemotes(from, to, entry), ...diffPaths(from, to, entry)];
}

/** The paths with uncommitted work, by path. */
export function pathStates({ changes, untracked }: GitTree): Map<string, GitPathState> {
  const states = new Map<string, GitPathState>();
  for (const { path, index, work, kept } of changes) {
    const content =
      work && work !== 'deleted'
        ? work.digest.slice(7, 15)
        : index && index !== 'deleted'
          ? index.blob.slice(0, 8)
          : '';
    const last = work ?? index;
    const isStaged = index !== null && work === null;
    const word =
      last === 'deleted' ? 'deleted' : isStaged ? 'staged' : index === null ? 'modified' : 'staged and modified';
    states.set(path, { key: JSON.stringify([index, work]), word, content, kept });
  }
  for (const { path, mode, digest, kept } of untracked)
    states.set(path, { key: JSON.stringify([mode, digest]), word: 'untracked', content: digest.slice(7, 15), kept });
  return states;
}

type Entry = (change: Difference['change'], item: string, from?: string, to?: string) => Difference;

function diffRemotes(from: GitTree, to: GitTree, entry: Entry): Difference[] {
  const before = new Map(from.remotes.map(({ name, url }) => [name, url]));
  const after = new Map(to.remotes.map(({ name, url }) => [name, url]));
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((name) => {
    const [was, is] = [before.get(name), after.get(name)];
    const item = itemAt(to.root, `remote ${name}`);
    if (was === is) return [];
    return [entry(was === undefined ? 'added' : is === undefined ? 'removed' : 'changed', item, was, is)];
  });
}

function diffPaths(from: GitTree, to: GitTree, entry: Entry): Difference[] {
  const [before, after] = [pathStates(from), pathStates(to)];
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((path) => {
    const [was, is] = [before.get(path), after.get(path)];
    if (was?.key === is?.key) return [];
    const item = itemAt(to.root, path);
    if (!was && is?.word === 'untracked') return [entry('added', item, undefined, is.word)];
    if (!is && was?.word === 'untracked') return [entry('removed', item, was.word)];
    const isSameWord = was?.word === is?.word;
    const text = (state: GitPathState | undefined) =>
      state ? (isSameWord ? `${state.word} ${state.content}` : state.word) : 'as committed';
    return [entry('changed', item, text(was), text(is))];
  });
}

function commitText({ commit, branch }: GitTree): string {
  const name = commit === null ? 'no commit' : commit.slice(0, 10);
  return branch === null ? name : `${name} (${branch})`;
}
