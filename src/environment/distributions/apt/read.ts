import { RestageError } from '../../../errors.ts';
import type { AptOrigin, AptPackage } from '../../../model/environment.ts';
import type { Digest } from '../../../model/id.ts';
import type { Remark } from '../../../model/plan.ts';
import type { DistributionContext } from '../contract.ts';
import { findIndexes, readIndex, withRelease, type IndexFile } from './origins.ts';
import { parseAutomatic, parseStatus, type DpkgPackage } from './status.ts';

/** Reads all forms in which apt keeps its indexes. */
const APT_HELPER = '/usr/lib/apt/apt-helper';

/** The databases of dpkg and apt, read. */
export interface AptDatabase {
  readonly packages: readonly AptPackage[];
  readonly origins: readonly AptOrigin[];
  readonly conffiles: readonly { readonly path: string; readonly package: string; readonly md5: string }[];
  readonly unresolved: readonly Remark[];
}

type Offers = ReadonlyMap<
  string,
  { readonly ids: readonly string[]; readonly digest: Digest | null; readonly size: number | null }
>;

/** Reads the databases at a root, without any program of dpkg or apt but the one that uncompresses indexes. */
export async function readDatabase(root: string, context: DistributionContext): Promise<AptDatabase> {
  const { files } = context;
  const installed = parseStatus(await files.readText(`${root}/var/lib/dpkg/status`));
  const automatic = parseAutomatic((await files.readIfExists(`${root}/var/lib/apt/extended_states`)) ?? '');
  const lists = `${root}/var/lib/apt/lists`;
  const names = (await files.list(lists)).filter(({ kind }) => kind === 'file').map(({ name }) => name);
  const { origins, offers, unresolved } = await readOrigins(lists, findIndexes(names), installed, context);
  return {
    packages: installed.map((one) => aptPackage(one, automatic, origins.length > 0 ? offers : undefined)),
    origins,
    conffiles: installed.flatMap(({ name, conffiles }) => conffiles.map((one) => ({ ...one, package: name }))),
    unresolved,
  };
}

function aptPackage(
  { name, arch, version, source, sourceVersion, hold, state }: DpkgPackage,
  automatic: ReadonlySet<string>,
  offers: Offers | undefined,
): AptPackage {
  const offer = offers?.get(`${name}:${arch}=${version}`);
  return {
    ...{ name, arch, version, source, sourceVersion, hold, state },
    ...{ digest: offer?.digest ?? null, size: offer?.size ?? null, from: [...(offer?.ids ?? [])] },
    auto: automatic.has(`${name}:${arch}`) || (arch === 'all' && hasAnyArchitecture(name, automatic)),
    availability: offers === undefined ? 'unknown' : offer === undefined ? 'lost' : 'index',
  };
}

/** apt notes packages for all architectures under that of the machine. */
function hasAnyArchitecture(name: string, automatic: ReadonlySet<string>): boolean {
  return ['amd64', 'arm64', 'i386', 'armhf', 'armel', 'ppc64el', 's390x', 'riscv64', 'mips64el', 'all'].some((arch) =>
    automatic.has(`${name}:${arch}`),
  );
}

async function readOrigins(
  lists: string,
  indexes: readonly IndexFile[],
  installed: readonly DpkgPackage[],
  context: DistributionContext,
): Promise<{ readonly origins: AptOrigin[]; readonly offers: Offers; readonly unresolved: Remark[] }> {
  const names = new Set(installed.map(({ name }) => name));
  const origins: AptOrigin[] = [];
  const unresolved: Remark[] = [];
  const offers = new Map<string, { ids: string[]; digest: Digest | null; size: number | null }>();
  for (const { file, release, origin } of indexes) {
    try {
      const found = readIndex(textOf(`${lists}/${file}`, context), (name) => names.has(name));
      for await (const { key, sha256, size } of found) {
        const offer = offers.get(key) ?? { ids: [], digest: null, size: null };
        offers.set(key, offer);
        offer.ids.push(origin.id);
        if (sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256)) offer.digest = `sha256:${sha256}` as Digest;
        offer.size = size ?? offer.size;
      }
      const text = release === undefined ? undefined : await context.files.readIfExists(`${lists}/${release}`);
      origins.push(text === undefined ? origin : withRelease(origin, text));
    } catch (error) {
      if (!(error instanceof RestageError) || context.signal.aborted) throw error;
      unresolved.push({ item: `apt index ${file}`, why: error.message });
    }
  }
  return { origins, offers, unresolved };
}

/** The text of an index, byte for byte as Latin-1: what is looked for is ASCII, and this is the fastest way to it. */
async function* textOf(path: string, { files, start, signal }: DistributionContext): AsyncGenerator<string> {
  if (path.endsWith('_Packages')) {
    for await (const bytes of files.stream(path) as AsyncIterable<Buffer>) yield bytes.toString('latin1');
    return;
  }
  const program = start(APT_HELPER, ['cat-file', path]);
  program.stdin.end();
  program.stderr.resume();
  for await (const bytes of program.stdout as AsyncIterable<Buffer>) yield bytes.toString('latin1');
  const status = await program.ended;
  signal.throwIfAborted();
  if (status !== 0) throw new RestageError('exec/failed', `${APT_HELPER} ended with ${status}`);
}
