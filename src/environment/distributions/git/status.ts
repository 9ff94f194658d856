import { compareText } from '../../../model/order.ts';

/** What `git status --porcelain=v2 --branch -z` says of a work tree. */
export interface GitStatus {
  /** `undefined` before the first commit. */
  readonly commit: string | undefined;
  /** `undefined` when HEAD is detached. */
  readonly branch: string | undefined;
  /** Tracked paths that differ from HEAD, sorted. */
  readonly changes: readonly GitStatusChange[];
  /** Sorted; the path of a repository of its own ends in `/`. */
  readonly untracked: readonly string[];
}

/** One tracked path that differs from HEAD. */
export interface GitStatusChange {
  readonly path: string;
  /** What was done between HEAD and index, and between index and work tree: `M`, `A`, `D`, `T`, `.` for nothing. */
  readonly staged: string;
  readonly unstaged: string;
  readonly isSubmodule: boolean;
  /** Half a merge: the index holds several contents. */
  readonly isUnmerged: boolean;
  /** Of the index, and of the work tree; `000000` is nothing. */
  readonly indexMode: string;
  readonly workMode: string;
  /** Of the index. */
  readonly blob: string;
}

/** Reads the answer of `git status --porcelain=v2 --branch -z --no-renames`. */
export function parseStatus(output: string): GitStatus {
  let commit: string | undefined;
  let branch: string | undefined;
  const changes: GitStatusChange[] = [];
  const untracked: string[] = [];
  for (const line of output.split('\0')) {
    if (line.startsWith('# branch.oid ')) commit = valueUnless(line.slice(13), '(initial)');
    else if (line.startsWith('# branch.head ')) branch = valueUnless(line.slice(14), '(detached)');
    else if (line.startsWith('? ')) untracked.push(line.slice(2));
    else if (line.startsWith('1 ')) changes.push(ordinary(line));
    else if (line.startsWith('u ')) changes.push(unmerged(line));
  }
  changes.sort((a, b) => compareText(a.path, b.path));
  return { commit, branch, changes, untracked: untracked.sort() };
}

/** Reads `git ls-files --stage -z` for submodules: where the index holds the commit of another repository. */
export function parseSubmodules(output: string): { readonly path: string; readonly commit: string }[] {
  return output.split('\0').flatMap((line) => {
    const [, commit, path] = /^160000 ([0-9a-f]+) 0\t(.*)$/s.exec(line) ?? [];
    return commit !== undefined && path !== undefined ? [{ path, commit }] : [];
  });
}

/** Reads `git config --null --get-regexp`: keys (lower case but for the name in the middle) and values. */
export function parseConfig(output: string): ReadonlyMap<string, string> {
  return new Map(
    output.split('\0').flatMap((entry) => {
      const at = entry.indexOf('\n');
      return at < 0 ? [] : [[entry.slice(0, at), entry.slice(at + 1)] as const];
    }),
  );
}

/** `1 XY sub mH mI mW hH hI path`. */
function ordinary(line: string): GitStatusChange {
  const [, states = '..', sub = 'N', , indexMode = '', workMode = '', , blob = '', ...path] = line.split(' ');
  return {
    ...{ path: path.join(' '), staged: states[0] ?? '.', unstaged: states[1] ?? '.', indexMode, workMode, blob },
    ...{ isSubmodule: sub.startsWith('S'), isUnmerged: false },
  };
}

/** `u XY sub m1 m2 m3 mW h1 h2 h3 path`. */
function unmerged(line: string): GitStatusChange {
  const [, , sub = 'N', , , , workMode = '', , , , ...path] = line.split(' ');
  return {
    ...{ path: path.join(' '), staged: '.', unstaged: 'M', indexMode: '', workMode, blob: '' },
    ...{ isSubmodule: sub.startsWith('S'), isUnmerged: true },
  };
}

function valueUnless(value: string, nothing: string): string | undefined {
  return value === nothing ? undefined : value;
}
