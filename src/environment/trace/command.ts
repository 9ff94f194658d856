import type { EnvironmentSpec } from '../../model/environment.ts';
import { compareText } from '../../model/order.ts';
import { redactArguments } from '../../model/redact.ts';
import type { Context } from '../../platform/context.ts';
import { ownerFinder, readDpkgFiles, type FindOwner, type Owner } from '../owners.ts';
import { parseTrace, rolesOf, type FileRole } from './strace.ts';

/** Calls that say which files a program uses; with a filter in the kernel the others cost nothing. */
const CALLS =
  'open,openat,openat2,execve,execveat,rename,renameat,renameat2,unlink,unlinkat,chdir,fork,vfork,clone,clone3,exit_group';

/** What came of a traced command. */
export interface TracedCommand {
  /** Without secrets. */
  readonly argv: readonly string[];
  /** Its exit status; 128 + N for signal N. */
  readonly exit: number;
  /** `observed`: its files are known; `unknown`: it ran without a tracer. */
  readonly how: 'observed' | 'unknown';
  readonly processes: number;
  readonly files: Readonly<Record<string, FileRole>>;
}

/** Where a command runs, and who hears what it prints. */
export interface TraceOptions {
  readonly argv: readonly string[];
  /** Absolute. */
  readonly directory: string;
  readonly output: (bytes: Uint8Array, stream: 'stdout' | 'stderr') => void;
}

/** Files that were used, by whom they belong to. */
export interface TracedUse {
  readonly packages: readonly (Owner & { readonly files: number })[];
  /** What nobody owns. */
  readonly loose: readonly { readonly path: string; readonly role: FileRole }[];
}

/** Runs a command and finds out which files it uses, with strace where that works. */
export async function traceCommand(
  options: TraceOptions,
  context: Pick<Context, 'exec' | 'start' | 'files' | 'signal'>,
): Promise<TracedCommand> {
  const { argv, directory } = options;
  const { exec, files } = context;
  const shown = redactArguments(argv);
  // In some containers a tracer is there and may not trace.
  const canTrace = (await exec('strace', ['-qq', '-o', '/dev/null', '--', 'true'])).status === 0;
  if (!canTrace) {
    const exit = await runProgram(argv, options, context);
    return { argv: shown, exit, how: 'unknown', processes: 0, files: {} };
  }
  const folder = await files.makeTemporaryDirectory('/tmp/restage-trace-');
  try {
    // Two processes of one number, one after the other, would overwrite each other's file without -A.
    const tracer = ['strace', '-ff', '-A', '-qq', '-y', '-s', '4096', '--seccomp-bpf', '-e', `trace=${CALLS}`];
    const exit = await runProgram([...tracer, '-o', `${folder}/t`, '--', ...argv], options, context);
    const traces = await files.list(folder);
    const processes = [];
    for (const { name } of traces) processes.push(parseTrace(await files.readText(`${folder}/${name}`), directory));
    const roles = [...rolesOf(processes)].sort(([a], [b]) => compareText(a, b));
    return { argv: shown, exit, how: 'observed', processes: traces.length, files: Object.fromEntries(roles) };
  } finally {
    await files.remove(folder);
  }
}

/** Says to whom the files of a traced command belong. */
export async function attributeTrace(
  { files }: TracedCommand,
  spec: EnvironmentSpec,
  workspace: string,
  context: Pick<Context, 'files'>,
): Promise<TracedUse> {
  return groupByOwner(files, ownerFinder(spec, workspace, await readDpkgFiles(context.files)));
}

/** Counts files by owner; pure. */
export function groupByOwner(files: TracedCommand['files'], ownerOf: FindOwner): TracedUse {
  const counts = new Map<string, Owner & { files: number }>();
  const loose: { path: string; role: FileRole }[] = [];
  for (const [path, role] of Object.entries(files)) {
    const owner = ownerOf(path);
    if (!owner) {
      loose.push({ path, role });
      continue;
    }
    const key = `${owner.type}\0${owner.root}\0${owner.name ?? ''}`;
    const counted = counts.get(key) ?? { ...owner, files: 0 };
    counted.files += 1;
    counts.set(key, counted);
  }
  return {
    packages: [...counts].sort(([a], [b]) => compareText(a, b)).map(([, owner]) => owner),
    loose,
  };
}

async function runProgram(
  [file = '', ...args]: readonly string[],
  { directory, output }: TraceOptions,
  { start, signal }: Pick<Context, 'start' | 'signal'>,
): Promise<number> {
  const program = start(file, args, { cwd: directory, env: { LC_ALL: undefined } });
  program.stdin.end();
  program.stdout.on('data', (bytes: Buffer) => {
    output(bytes, 'stdout');
  });
  program.stderr.on('data', (bytes: Buffer) => {
    output(bytes, 'stderr');
  });
  const status = await program.ended;
  signal.throwIfAborted();
  return status;
}
