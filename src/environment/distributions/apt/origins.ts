import type { AptOrigin } from '../../../model/environment.ts';
import { field } from './status.ts';

/** An index that apt has downloaded, and what is known of the archive that it belongs to. */
export interface IndexFile {
  /** The name of the file. */
  readonly file: string;
  /** The Release file that vouches for it, if there is one. */
  readonly release: string | undefined;
  readonly origin: AptOrigin;
}

/**
 * Finds the indexes among the files of `/var/lib/apt/lists`.
 *
 * Their names are addresses with `_` for `/`: those of an archive begin with what its Release file begins with.
 *
 * @param names - of all files there
 * @returns in the order of their names; `uri` is without its scheme, which the name does not tell
 */
export function findIndexes(names: readonly string[]): IndexFile[] {
  const releases = names.filter((name) => /_(In)?Release$/.test(name));
  return names.flatMap((file) => {
    const [, base] = /^(.*)_Packages(?:\.(?:gz|xz|lz4|bz2|zst|lzma))?$/.exec(file) ?? [];
    if (base === undefined) return [];
    const owners = releases.filter((name) => file.startsWith(name.replace(/(In)?Release$/, '')));
    const release = owners.sort((a, b) => b.length - a.length)[0];
    const prefix = release?.replace(/(In)?Release$/, '') ?? '';
    const [, component = null, architecture = null] = /^(.*)_binary-([^_]+)$/.exec(base.slice(prefix.length)) ?? [];
    const place = decodeName((release ? prefix : base).replace(/_dists_.*$/, '').replace(/_$/, ''));
    const unknown = { codename: null, suite: null, label: null, origin: null, date: null };
    return [{ file, release, origin: { id: base, uri: place, component, architecture, ...unknown } }];
  });
}

/** Adds what a Release file says of an archive. */
export function withRelease(origin: AptOrigin, release: string): AptOrigin {
  const value = (key: string) => field(release, key) ?? null;
  return {
    ...origin,
    ...{ codename: value('Codename'), suite: value('Suite'), label: value('Label'), origin: value('Origin') },
    date: value('Date'),
  };
}

/** What an index says of one package. */
export interface IndexedPackage {
  /** `name:arch=version`. */
  readonly key: string;
  /** 64 hex digits, if it has them. */
  readonly sha256: string | undefined;
  readonly size: number | undefined;
}

/**
 * Reads an index as it passes and gives the packages that are asked for.
 *
 * @param pieces - text in pieces that may end anywhere
 * @param wanted - whether a name is of interest: an index has tens of thousands
 */
export async function* readIndex(
  pieces: AsyncIterable<string>,
  wanted: (name: string) => boolean,
): AsyncGenerator<IndexedPackage> {
  let rest = '';
  for await (const piece of pieces) {
    const text = rest + piece;
    let start = 0;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n', start)) {
      const found = parseStanza(text, start, end, wanted);
      if (found) yield found;
      start = end + 2;
    }
    rest = text.slice(start);
  }
  const last = parseStanza(rest, 0, rest.length, wanted);
  if (last) yield last;
}

function parseStanza(
  text: string,
  start: number,
  end: number,
  wanted: (name: string) => boolean,
): IndexedPackage | undefined {
  // The name stands first in every index; looking at the rest of the stanza would cost most of the time.
  if (!text.startsWith('Package: ', start)) return undefined;
  const name = text.slice(start + 'Package: '.length, Math.min(text.indexOf('\n', start) >>> 0, end));
  if (!wanted(name)) return undefined;
  const stanza = text.slice(start, end);
  const [arch, version, size] = ['Architecture', 'Version', 'Size'].map((key) => field(stanza, key));
  if (arch === undefined || version === undefined) return undefined;
  const key = `${name}:${arch}=${version}`;
  return { key, sha256: field(stanza, 'SHA256'), size: size === undefined ? undefined : Number(size) };
}

function decodeName(name: string): string {
  return name
    .replaceAll('_', '/')
    .replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
