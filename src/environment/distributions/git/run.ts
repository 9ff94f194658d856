import { RestageError } from '../../../errors.ts';
import type { ExecOptions, ExecResult } from '../../../platform/exec.ts';
import type { DistributionContext } from '../contract.ts';

/** What steers git from outside, and must not steer it here. */
const NEUTRAL: NonNullable<ExecOptions['env']> = {
  ...{ GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined, GIT_OBJECT_DIRECTORY: undefined },
  ...{ GIT_EXTERNAL_DIFF: undefined, GIT_DIFF_OPTS: undefined, GIT_PAGER: 'cat', GIT_TERMINAL_PROMPT: '0' },
  // Paths are paths, and looking does not write the index.
  ...{ GIT_LITERAL_PATHSPECS: '1', GIT_OPTIONAL_LOCKS: '0' },
};

/** Hooks and helpers of the user are for the user's own commands. */
const SETTINGS = [
  ...['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false'],
  ...['-c', 'gc.auto=0', '-c', 'advice.detachedHead=false'],
];

/** git in one work tree. Every status is an answer. */
export type Git = (args: readonly string[], options?: Pick<ExecOptions, 'input' | 'env'>) => Promise<ExecResult>;

/** Binds git to a work tree. */
export function gitAt(directory: string, { exec }: Pick<DistributionContext, 'exec'>): Git {
  return (args, { input, env } = {}) =>
    exec('git', [...SETTINGS, ...args], {
      ...{ cwd: directory, env: { ...NEUTRAL, ...env } },
      ...(input !== undefined && { input }),
    });
}

/** Environment and arguments of a git that is spoken to over its pipes. */
export function gitProgram(args: readonly string[]): {
  readonly args: readonly string[];
  readonly env: NonNullable<ExecOptions['env']>;
} {
  return { args: [...SETTINGS, ...args], env: NEUTRAL };
}

/**
 * What git printed, once it has ended well.
 *
 * @throws {RestageError} `exec/failed` with its last line
 */
export async function must(running: Promise<ExecResult>, what: string): Promise<ExecResult> {
  const result = await running;
  if (result.status === 0) return result;
  throw new RestageError('exec/failed', `git could not ${what}: ${lastLine(result.stderr)}`, {
    details: { status: result.status, stderr: result.stderr.slice(-4000) },
  });
}

/** The last line that a program said, without its `fatal:`. */
export function lastLine(stderr: string): string {
  return (stderr.trim().split('\n').at(-1) ?? '').replace(/^(fatal|error): /, '');
}
