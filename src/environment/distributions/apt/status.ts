import { compareText } from '../../../model/order.ts';

/** A package as the status file of dpkg has it. */
export interface DpkgPackage {
  readonly name: string;
  readonly arch: string;
  readonly version: string;
  readonly source: string;
  readonly sourceVersion: string;
  readonly hold: boolean;
  /** `installed`, `half-configured`, `unpacked`, … */
  readonly state: string;
  /** Configuration files with the MD5 that they came with. */
  readonly conffiles: readonly { readonly path: string; readonly md5: string }[];
}

/** What is no package any more, though dpkg remembers it. */
const GONE = new Set(['not-installed', 'config-files']);

/**
 * Reads the status file of dpkg.
 *
 * @param text - stanzas with an empty line between; a line that begins with a blank continues the field above it
 * @returns the packages that are there, whole or not; sorted by name, then architecture
 */
export function parseStatus(text: string): DpkgPackage[] {
  const packages: DpkgPackage[] = [];
  for (const stanza of text.split(/\n{2,}/)) {
    const [name, arch, version] = ['Package', 'Architecture', 'Version'].map((key) => field(stanza, key));
    // Three words: what is wanted, whether it is damaged, what is. A held package is `hold ok installed`.
    const [want, , state = 'not-installed'] = (field(stanza, 'Status') ?? '').split(' ');
    if (!name || !arch || !version || GONE.has(state)) continue;
    packages.push({
      ...{ name, arch, version, ...parseSource(field(stanza, 'Source'), name, version) },
      ...{ hold: want === 'hold', state, conffiles: parseConffiles(stanza) },
    });
  }
  return packages.sort((a, b) => compareText(a.name, b.name) || compareText(a.arch, b.arch));
}

/**
 * Reads `extended_states` of apt.
 *
 * @returns names and architectures of what was installed for the sake of another package, as `name:arch`
 */
export function parseAutomatic(text: string): ReadonlySet<string> {
  const automatic = new Set<string>();
  for (const stanza of text.split(/\n{2,}/)) {
    const name = field(stanza, 'Package');
    if (name === undefined || field(stanza, 'Auto-Installed') !== '1') continue;
    automatic.add(`${name}:${field(stanza, 'Architecture') ?? ''}`);
  }
  return automatic;
}

/** A field of a stanza that stands on one line; `undefined` if it is not there. */
export function field(stanza: string, key: string): string | undefined {
  const start = stanza.startsWith(`${key}:`) ? 0 : stanza.indexOf(`\n${key}:`) + 1;
  if (start === 0 && !stanza.startsWith(`${key}:`)) return undefined;
  const end = stanza.indexOf('\n', start);
  return stanza.slice(start + key.length + 1, end < 0 ? undefined : end).trim();
}

/** `Source: glibc (2.36-9)`; absent where it is the package itself, without a version where that is the same. */
function parseSource(
  text: string | undefined,
  name: string,
  version: string,
): { readonly source: string; readonly sourceVersion: string } {
  const [, source = name, sourceVersion = version] = /^(\S+)(?: \(([^)]+)\))?/.exec(text ?? '') ?? [];
  return { source, sourceVersion };
}

/** Lines of path and MD5. One that is `obsolete`, or new and not there yet, belongs to no present package. */
function parseConffiles(stanza: string): { readonly path: string; readonly md5: string }[] {
  const start = stanza.indexOf('\nConffiles:\n');
  if (start < 0) return [];
  const lines = stanza.slice(start + '\nConffiles:\n'.length).split('\n');
  const end = lines.findIndex((line) => !line.startsWith(' '));
  return lines.slice(0, end < 0 ? undefined : end).flatMap((line) => {
    const [, path, md5] = /^ (\/.*) ([0-9a-f]{32})$/.exec(line) ?? [];
    return path !== undefined && md5 !== undefined ? [{ path, md5 }] : [];
  });
}
