import { RestageError } from '../errors.ts';
import type { Version } from '../model/id.ts';
import { unreachable } from '../model/unreachable.ts';
import type { LogEntry } from './contract.ts';
import { parseVersionText } from './version-text.ts';

/** What a history must answer so that text can be resolved in it. Absence is `undefined`. */
export interface VersionLookup {
  /** ms since the epoch. */
  readonly now: number;
  head(): Promise<Pick<LogEntry, 'version'> | undefined>;
  bySeq(seq: number): Promise<Pick<LogEntry, 'version'> | undefined>;
  /** All versions that begin with these hex digits; a few are enough when there are many. */
  byPrefix(digits: string): Promise<readonly Version[]>;
  /** The versions in which a member changed, newest first. */
  history(path: string): Promise<readonly LogEntry[]>;
  ref(name: string): Promise<Version | undefined>;
  /** The newest version that is not younger. */
  before(ms: number): Promise<Version | undefined>;
}

/** Resolves the text after `@`; see `Store.resolve`. Every engine answers through this one function. */
export async function resolveVersionText(
  text: string,
  path: string | undefined,
  lookup: VersionLookup,
): Promise<Version> {
  const parsed = parseVersionText(text, lookup.now);
  if (!parsed) {
    throw new RestageError('store/version-syntax', `${JSON.stringify(text)} is no version`, { details: { text } });
  }
  const found = async (version: Promise<Version | undefined>): Promise<Version> => {
    const value = await version;
    if (value !== undefined) return value;
    const of = path === undefined ? '' : ` of ${path}`;
    throw new RestageError('store/version-unknown', `there is no version ${text}${of}`, { details: { text, path } });
  };
  switch (parsed.is) {
    case 'head':
      return found(lookup.head().then((entry) => entry?.version));
    case 'back':
      return found(back(parsed.count, path, lookup));
    case 'seq':
      return found(lookup.bySeq(parsed.seq).then((entry) => entry?.version));
    case 'digest':
      return found(withContent(parsed.digest, path, lookup));
    case 'digits':
      return found(withDigits(parsed.digits, lookup));
    case 'tag':
      return found(lookup.ref(`refs/tags/${parsed.name}`));
    case 'time':
      return found(lookup.before(parsed.ms));
    default:
      return unreachable(parsed);
  }
}

async function back(count: number, path: string | undefined, lookup: VersionLookup): Promise<Version | undefined> {
  if (path !== undefined) return (await lookup.history(path))[count]?.version;
  throw new RestageError('store/version-syntax', `~${count} needs a member to count the versions of`);
}

async function withContent(
  digest: string,
  path: string | undefined,
  lookup: VersionLookup,
): Promise<Version | undefined> {
  if (path === undefined) throw new RestageError('store/version-syntax', 'a digest needs a member to look for it in');
  const entries = await lookup.history(path);
  return entries.find(({ changes }) => changes.some((change) => change.path === path && change.digest === digest))
    ?.version;
}

async function withDigits(digits: string, lookup: VersionLookup): Promise<Version | undefined> {
  const versions = await lookup.byPrefix(digits);
  if (versions.length <= 1) return versions[0] ?? lookup.ref(`refs/tags/${digits}`);
  throw new RestageError('store/version-ambiguous', `${digits} may be ${versions.slice(0, 5).join(', ')}`, {
    details: { digits, candidates: versions.slice(0, 20) },
  });
}
