import { resolve } from 'node:path/posix';

/** What one process did with files. */
export interface TracedProcess {
  /** In the order in which they were used first. */
  readonly uses: readonly FileUse[];
}

/** One use of one file. */
export interface FileUse {
  /** Absolute. */
  readonly path: string;
  readonly how: 'read' | 'run' | 'write' | 'remove';
}

/** What a command did with one file, over all of its processes. */
export type FileRole = 'input' | 'output';

const QUOTED = /"((?:[^"\\]|\\.)*)"/g;
/** Where nothing is installed and nothing is kept. */
const NO_FILES = /^\/(proc|sys|dev|run)(\/|$)/;

/**
 * Reads what `strace -ff -y` wrote for one process.
 *
 * @param text - one call a line, with the resolved path behind every descriptor; calls that failed are left out
 * @param directory - where the process began, for paths that are relative
 */
export function parseTrace(text: string, directory: string): TracedProcess {
  const uses: FileUse[] = [];
  let cwd = directory;
  for (const line of text.split('\n')) {
    const [, call, args = '', result = ''] = /^(\w+)\((.*)\)\s+= (.*)$/.exec(line) ?? [];
    if (call === undefined || result.startsWith('-1')) continue;
    const paths = Array.from(args.matchAll(QUOTED), ([, quoted = '']) => unescapeText(quoted));
    const [first] = paths;
    if (call === 'chdir' && first !== undefined) cwd = resolve(cwd, first);
    else uses.push(...usesOf(call, args, result, paths, cwd));
  }
  return { uses: uses.filter(({ path }) => !NO_FILES.test(path)) };
}

/**
 * The roles of all files that were used: what was read before anything was written to it is an input, whatever is
 * written is an output. What was removed in the end was in passing and is left out.
 */
export function rolesOf(processes: readonly TracedProcess[]): ReadonlyMap<string, FileRole> {
  const roles = new Map<string, FileRole>();
  const removed = new Set<string>();
  for (const { path, how } of processes.flatMap(({ uses }) => uses)) {
    if (how === 'remove') removed.add(path);
    else removed.delete(path);
    if (how === 'write') roles.set(path, 'output');
    else if (how !== 'remove' && !roles.has(path)) roles.set(path, 'input');
  }
  for (const path of removed) if (roles.get(path) === 'output') roles.delete(path);
  return roles;
}

function usesOf(call: string, args: string, result: string, paths: readonly string[], cwd: string): FileUse[] {
  const first = paths[0];
  const last = paths.at(-1);
  if (call.startsWith('open')) {
    // The kernel's own answer: links are followed, `.` and `..` are gone.
    const path = /^\d+<(\/.*?)( \(deleted\))?>/.exec(result)?.[1];
    if (path === undefined || args.includes('O_DIRECTORY')) return [];
    const how = /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(args) ? 'write' : 'read';
    return [{ path: unescapeText(path), how }];
  }
  const base = unescapeText(/AT_FDCWD<([^>]*)>/.exec(args)?.[1] ?? cwd);
  if (call.startsWith('exec') && first !== undefined) return [{ path: resolve(base, first), how: 'run' }];
  if (call.startsWith('unlink') && first !== undefined) return [{ path: resolve(base, first), how: 'remove' }];
  if (call.startsWith('rename') && first !== undefined && last !== undefined)
    return [
      { path: resolve(base, last), how: 'write' },
      { path: resolve(base, first), how: 'remove' },
    ];
  return [];
}

/** strace writes bytes beyond ASCII as octal digits; together they are UTF-8. */
function unescapeText(text: string): string {
  if (!text.includes('\\')) return text;
  const named: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12 };
  const bytes: number[] = [];
  for (const [, octal, letter, plain] of text.matchAll(/\\([0-7]{1,3})|\\(.)|([^\\]+)/gs)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (letter !== undefined) bytes.push(named[letter] ?? letter.charCodeAt(0));
    else bytes.push(...Buffer.from(plain ?? ''));
  }
  return Buffer.from(bytes).toString('utf8');
}
