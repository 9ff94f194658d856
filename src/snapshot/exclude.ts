import { dirname, join, relative } from 'node:path';
import { RestageError } from '../errors.ts';
import type { Context } from '../platform/context.ts';

/** What is asked of git in a place that must not be steered by the caller's own variables. */
const NO_GIT_VARIABLES = { GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined };

/**
 * Keeps `.restage/` out of the git work tree that the workspace lies in, by a line in `.git/info/exclude`.
 *
 * Without it `git add -A` takes the store for a submodule. Outside a work tree, or without git, there is nothing to
 * do; where the file may not be written, a note says so and the caller goes on.
 *
 * @returns the file that has the line; `undefined` if there is no work tree
 */
export async function ensureExcluded(
  context: Pick<Context, 'exec' | 'files' | 'emit'> & { readonly workspace: string },
): Promise<string | undefined> {
  const { exec, files, emit, workspace } = context;
  const asked = await exec('git', ['rev-parse', '--show-toplevel', '--git-path', 'info/exclude'], {
    cwd: workspace,
    env: NO_GIT_VARIABLES,
  });
  if (asked.status !== 0) return undefined;
  const [top = '', exclude = ''] = asked.stdout.split('\n');
  if (top === '') return undefined;
  const file = exclude.startsWith('/') ? exclude : join(workspace, exclude);
  const line = excludeLine(relative(top, workspace));
  try {
    const text = (await files.readIfExists(file)) ?? '';
    if (text.split('\n').includes(line)) return file;
    await files.makeDirectory(dirname(file));
    await files.append(file, `${text === '' || text.endsWith('\n') ? '' : '\n'}${line}\n`);
    return file;
  } catch (error) {
    if (!(error instanceof RestageError)) throw error;
    emit({ type: 'note', note: 'not-excluded', details: { file, line, why: error.message } });
    return undefined;
  }
}

/** The line that keeps the store of a workspace out, anchored at the top of the work tree. */
export function excludeLine(directory: string): string {
  const path = directory.split('/').filter((segment) => segment !== '');
  return `/${[...path, '.restage'].map((segment) => segment.replace(/[\\*?[\]]/g, '\\$&')).join('/')}/`;
}
