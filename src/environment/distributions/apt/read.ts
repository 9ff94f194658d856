import { RestageError } from '../../../errors.ts';
import type { AptOrigin, AptPackage } from '../../../model/environment.ts';
import type { Digest } from '../../../model/id.ts';
import type { Remark } from '../../../model/plan.ts';
import type { DistributionContext } from '../contract.ts';
import { findIndexes, readIndex, withRelease, type IndexedPackage, type IndexFile } from './origins.ts';
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

/** Where a package of one version is offered, and what its archive file is there. */
interface Offer {
  readonly ids: readonly string[];
  readonly digest: Digest | null;
  readonly size: number | null;
}

/** By `name:arch=version`. */
type Offers = ReadonlyMap<string, Offer>;

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
  const offers = new Map<string, Offer>();
  for (const { file, release, origin } of indexes) {
    try {
      const found = readIndex(textOf(`${lists}/${file}`, context), (name) => names.has(name));
      for await (const one of found) offers.set(one.key, withOffer(offers.get(one.key), one, origin.id));
      const text = release === undefined ? undefined : await context.files.readIfExists(`${lists}/${release}`);
      origins.push(text === undefined ? origin : withRelease(origin, text));
    } catch (error) {
      if (!(error instanceof RestageError) || context.signal.aborted) throw error;
      unresolved.push({ item: `apt index ${file}`, why: error.message });
    }
  }
  return { origins, offers, unresolved };
}

function withOffer(known: Offer | undefined, { sha256, size }: IndexedPackage, id: string): Offer {
  const digest = sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? (`sha256:${sha256}` as Digest) : null;
  return {
    ids: [...(known?.ids ?? []), id],
    digest: digest ?? known?.digest ?? null,
    size: size ?? known?.size ?? null,
  };
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
