import { RestageError } from '../../../errors.ts';
import { digestOf } from '../../../model/digest.ts';
import type { Digest } from '../../../model/id.ts';
import type { NotKept } from '../../../snapshot/layer.ts';
import type { CaptureContext } from '../contract.ts';
import { gitProgram, type Git } from './run.ts';

/** Unpublished history above this is not kept, in bytes as git has it on disk. */
const CAP = 256 * 1024 * 1024;

/** The commits of HEAD that no remote has. */
export interface UnpublishedCommits {
  /** A pack of them and all they need, but for what `upon` has; `null` where there are none, or too many. */
  readonly pack: Digest | null;
  /** The published commits they build upon; HEAD itself where it is published. Empty: the pack is the whole history. */
  readonly upon: readonly string[];
  readonly notKept: readonly NotKept[];
}

/** Packs the commits of HEAD that no remote-tracking branch has. */
export async function keepCommits(
  directory: string,
  head: string,
  git: Git,
  context: CaptureContext,
): Promise<UnpublishedCommits> {
  const range = [head, '--not', '--remotes'];
  const { stdout } = await git(['rev-list', '--boundary', ...range]);
  const lines = stdout.split('\n').filter((line) => line !== '');
  const upon = lines.flatMap((line) => (line.startsWith('-') ? [line.slice(1)] : [])).sort();
  if (lines.length === upon.length) return { pack: null, upon: [head], notKept: [] };
  const key = digestOf([head, ...upon].join('\n'));
  const known = await readKnown(key, context);
  if (known && (await context.keep.hold(known.digest, known.size))) return { pack: known.digest, upon, notKept: [] };
  const { stdout: usage } = await git(['rev-list', '--objects', '--disk-usage', ...range]);
  const bytes = Number(usage.trim());
  if (bytes > CAP) return { pack: null, upon, notKept: [{ what: `${lines.length - upon.length} commits`, bytes }] };
  const objects = await git(['rev-list', '--objects', '--no-object-names', ...range]);
  const taken = await context.keep.take(packOf(directory, objects.stdout, context));
  await writeKnown(key, taken, context);
  return { pack: taken.digest, upon, notKept: [] };
}

/**
 * A pack that is the same whenever the objects are: whole objects, in the order given, not compressed, by one thread.
 * The store compresses and finds what it has already.
 */
async function* packOf(
  directory: string,
  objects: string,
  { start, signal }: CaptureContext,
): AsyncGenerator<Uint8Array> {
  const options = ['--no-reuse-delta', '--no-reuse-object', '--window=0', '--threads=1', '--compression=0'];
  const { args, env } = gitProgram(['pack-objects', '--stdout', '-q', ...options]);
  const program = start('git', args, { cwd: directory, env });
  program.stdin.end(objects);
  program.stderr.resume();
  yield* program.stdout as AsyncIterable<Uint8Array>;
  const status = await program.ended;
  signal.throwIfAborted();
  if (status !== 0) throw new RestageError('exec/failed', `git pack-objects ended with ${status}`);
}

async function readKnown(
  key: string,
  { cache, files }: CaptureContext,
): Promise<{ readonly digest: Digest; readonly size: number } | undefined> {
  const text = await files.readIfExists(cacheFile(key, cache));
  const [, digest, size] = /^(sha256:[0-9a-f]{64}) (\d+)\n$/.exec(text ?? '') ?? [];
  return digest === undefined ? undefined : { digest: digest as Digest, size: Number(size) };
}

async function writeKnown(
  key: string,
  { digest, size }: { readonly digest: Digest; readonly size: number },
  { cache, files }: CaptureContext,
): Promise<void> {
  await files.write(cacheFile(key, cache), `${digest} ${size}\n`);
}

function cacheFile(key: string, cache: string): string {
  return `${cache}/commits-${key.slice(7, 39)}`;
}
