import { dirname } from 'node:path/posix';
import { pipeline } from 'node:stream/promises';
import { RestageError } from '../../../errors.ts';
import { digestOf } from '../../../model/digest.ts';
import { REDACTED } from '../../../model/redact.ts';
import { absoluteRoot } from '../../root-path.ts';
import { allBytes, makeParent, removeEmpty, stageFor, writeStaged } from '../../tree/restore.ts';
import { readTar } from '../../tree/tar.ts';
import type { DistributionContext } from '../contract.ts';
import type { GitCheckout, GitRestore, GitStep, GitTarget } from './plan.ts';
import { gitAt, gitProgram, lastLine, must, type Git } from './run.ts';

/** How many paths one command gets. */
const BATCH = 500;

/** Applies a step of the git driver. */
export async function applyGit(step: GitStep, context: DistributionContext): Promise<void> {
  if (step.action === 'restore') await restoreWork(step, context);
  else await moveHead(step, context);
}

async function moveHead(step: GitCheckout, context: DistributionContext): Promise<void> {
  const { commit, branch, pack, remotes } = step;
  const directory = absoluteRoot(step.root, context);
  const git = gitAt(directory, context);
  if (step.action === 'create') {
    await context.files.makeDirectory(directory);
    await must(git(['-c', `init.defaultBranch=${branch ?? 'main'}`, 'init', '--quiet']), 'make a repository');
    for (const { name, url } of remotes) if (!url.includes(REDACTED)) await git(['remote', 'add', '--', name, url]);
  }
  if (commit === null) return;
  const isThere = async () => (await git(['cat-file', '-e', `${commit}^{commit}`])).status === 0;
  if (!(await isThere()) && pack !== null) await unpack(directory, step, context);
  // Uncommitted work is in the undo save by now; without force git would refuse because of it.
  const force = ['checkout', '--quiet', '--force', '--no-recurse-submodules'];
  const onBranch = branch === null ? undefined : await branchArguments(branch, commit, git);
  if (onBranch && (await git([...force, ...onBranch])).status === 0) return;
  await must(git([...force, '--detach', commit, '--']), `check out ${commit.slice(0, 10)}`);
}

/** A branch that is there is gone to if it has the commit, and made if it is not there; it is never moved. */
async function branchArguments(branch: string, commit: string, git: Git): Promise<readonly string[] | undefined> {
  const { status, stdout } = await git(['rev-parse', '--verify', '--quiet', `refs/heads/${branch}`]);
  if (status !== 0) return ['-b', branch, commit, '--'];
  return stdout.trim() === commit ? [branch, '--'] : undefined;
}

async function unpack(directory: string, { pack }: GitCheckout, context: DistributionContext): Promise<void> {
  if (pack === null) return;
  const { args, env } = gitProgram(['unpack-objects', '-q']);
  const program = context.start('git', args, { cwd: directory, env });
  program.stdout.resume();
  const said: Buffer[] = [];
  program.stderr.on('data', (bytes: Buffer) => said.push(bytes));
  await pipeline(await context.content.stream(pack), program.stdin);
  const status = await program.ended;
  context.signal.throwIfAborted();
  if (status !== 0)
    throw new RestageError('exec/failed', `git could not unpack commits: ${lastLine(Buffer.concat(said).toString())}`);
}

/** A file of the work tree that lies ready. */
interface Staged {
  readonly path: string;
  readonly from: string;
  /** What a link says; the file at `from` is then not used. */
  readonly link?: string;
}

/** First everything is fetched and verified, then the index is set, then the files: a repeat finds what is left to do. */
async function restoreWork(step: GitRestore, context: DistributionContext): Promise<void> {
  const { targets, work } = step;
  const { files, signal } = context;
  const directory = absoluteRoot(step.root, context);
  const git = gitAt(directory, context);
  const stage = await stageFor(directory, context);
  try {
    const staged = work === null ? [] : await fetchWork(step, { directory, stage, git }, context);
    await setIndex(targets, git);
    await removeFiles(directory, targets, git, context);
    await checkOutIndex(targets, git);
    const made = new Set(['.']);
    for (const { path, from, link } of staged) {
      signal.throwIfAborted();
      await makeParent(directory, dirname(path), made, files);
      const there = await files.stat(`${directory}/${path}`);
      if (there && (there.kind === 'directory' || link !== undefined)) await files.remove(`${directory}/${path}`);
      if (link === undefined) await files.rename(from, `${directory}/${path}`);
      else await files.makeLink(link, `${directory}/${path}`);
    }
  } finally {
    await files.remove(stage);
  }
  await git(['update-index', '-q', '--refresh']);
  await context.exec('sync', ['-f', directory]);
}

async function fetchWork(
  { targets, work }: GitRestore,
  { directory, stage, git }: { readonly directory: string; readonly stage: string; readonly git: Git },
  context: DistributionContext,
): Promise<Staged[]> {
  if (work === null) return [];
  const byName = new Map<string, GitTarget>(
    targets.flatMap(
      (target) =>
        [
          [`work/${target.path}`, target],
          [`index/${target.path}`, target],
        ] as const,
    ),
  );
  const staged: Staged[] = [];
  for await (const { entry, body } of readTar((await context.content.stream(work)) as AsyncIterable<Buffer>)) {
    context.signal.throwIfAborted();
    const target = byName.get(entry.path);
    if (!target) continue;
    if (entry.path.startsWith('index/')) await storeBlob(target, await allBytes(body()), git);
    else if (typeof target.work === 'object') {
      const { path } = target;
      const from = `${stage}/${staged.length}`;
      if (target.work.mode === '120000') {
        staged.push({ path, from, link: (await allBytes(body())).toString() });
        continue;
      }
      if (await isAsWanted(`${directory}/${path}`, target.work, context)) continue;
      await writeStaged(from, entry, body(), context);
      staged.push({ path, from });
    }
  }
  return staged;
}

async function isAsWanted(
  path: string,
  { mode, digest }: Extract<GitTarget['work'], object>,
  { files }: DistributionContext,
): Promise<boolean> {
  const there = await files.stat(path);
  if (there?.kind !== 'file' || there.size > 32 * 1024 * 1024) return false;
  const isExecutable = (there.mode & 0o100) !== 0;
  return isExecutable === (mode === '100755') && digestOf(await files.read(path)) === digest;
}

async function storeBlob(target: GitTarget, bytes: Buffer, git: Git): Promise<void> {
  if (typeof target.index !== 'object') return;
  const written = await must(git(['hash-object', '-w', '--stdin', '--no-filters'], { input: bytes }), 'store a file');
  if (written.stdout.trim() === target.index.blob) return;
  throw new RestageError('snapshot/damaged', `what was staged of ${target.path} is not what it was`);
}

async function setIndex(targets: readonly GitTarget[], git: Git): Promise<void> {
  const committed = await committedEntries(
    targets.filter(({ index }) => index === 'head').map(({ path }) => path),
    git,
  );
  const lines = targets.map(({ path, index }) => {
    const entry =
      typeof index === 'object' ? `${index.mode} ${index.blob}` : index === 'head' ? committed.get(path) : undefined;
    return { isRemoval: entry === undefined, line: `${entry ?? `0 ${'0'.repeat(40)}`}\t${path}\0` };
  });
  // What goes first makes room: a file where a directory was.
  const ordered = [...lines.filter(({ isRemoval }) => isRemoval), ...lines.filter(({ isRemoval }) => !isRemoval)];
  await must(
    git(['update-index', '--add', '--replace', '-z', '--index-info'], {
      input: ordered.map(({ line }) => line).join(''),
    }),
    'set the index',
  );
}

/** Mode and blob of paths as HEAD has them; what it does not have is not in the answer. */
async function committedEntries(paths: readonly string[], git: Git): Promise<Map<string, string>> {
  const entries = new Map<string, string>();
  for (let from = 0; from < paths.length; from += BATCH) {
    const { stdout } = await git(['ls-tree', '-z', 'HEAD', '--', ...paths.slice(from, from + BATCH)]);
    for (const line of stdout.split('\0')) {
      const [, mode, type, blob, path] = /^(\d+) (\w+) ([0-9a-f]+)\t(.*)$/s.exec(line) ?? [];
      if (type !== 'tree' && path !== undefined) entries.set(path, `${mode ?? ''} ${blob ?? ''}`);
    }
  }
  return entries;
}

/** Removes what is to be gone: deleted by hand, or in no index at all. */
async function removeFiles(
  directory: string,
  targets: readonly GitTarget[],
  git: Git,
  { files }: DistributionContext,
): Promise<void> {
  const indexed = await indexedPaths(git);
  const gone = targets.filter(({ path, work }) => work === 'deleted' || (work === 'index' && !indexed.has(path)));
  for (const { path } of gone) {
    if ((await files.stat(`${directory}/${path}`))?.kind !== 'directory') await files.remove(`${directory}/${path}`);
  }
  await removeEmpty(
    directory,
    gone.map(({ path }) => path),
    files,
  );
}

async function checkOutIndex(targets: readonly GitTarget[], git: Git): Promise<void> {
  const indexed = await indexedPaths(git);
  const paths = targets
    .filter(({ path, work }) => work === 'index' && indexed.has(path))
    .map(({ path }) => `${path}\0`);
  if (paths.length === 0) return;
  await must(git(['checkout-index', '--force', '-u', '-z', '--stdin'], { input: paths.join('') }), 'write files');
}

async function indexedPaths(git: Git): Promise<ReadonlySet<string>> {
  const { stdout } = await git(['ls-files', '-z', '--cached']);
  return new Set(stdout.split('\0'));
}
