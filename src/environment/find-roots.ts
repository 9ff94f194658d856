import { dirname } from 'node:path/posix';
import type { Remark } from '../model/plan.ts';
import { compareText } from '../model/order.ts';
import type { FileEntry } from '../platform/files.ts';
import type { DistributionContext, DistributionDriver } from './distributions/contract.ts';

/** How many directories below the workspace are looked into at most. */
const DIRECTORIES = 20_000;
/** How many directory levels below the workspace may hold a root, unless configured. */
export const DEFAULT_DEPTH = 6;
/** Never looked into: what git and restage keep for themselves. */
const CLOSED = new Set(['.git', '.restage']);
/** File systems that may answer slowly, or never. */
const NETWORK =
  /^(nfs\d?|cifs|smb\d?|smbfs|afs|ceph|lustre|glusterfs|beegfs|gpfs|9p|fuse\.(sshfs|glusterfs|s3fs|rclone))$/;

/** A root of a distribution below the workspace. */
export interface FoundRoot {
  readonly driver: DistributionDriver;
  /** Relative to the workspace. */
  readonly root: string;
}

/** All roots below a workspace. */
export interface FoundRoots {
  /** Sorted by root, then in the order of the drivers. */
  readonly roots: readonly FoundRoot[];
  /** Folders that belong to one root alone, relative to the workspace. */
  readonly claims: readonly string[];
  readonly unresolved: readonly Remark[];
}

/** What a search works with. */
export interface FindRoots {
  readonly drivers: readonly DistributionDriver[];
  readonly depth: number;
  /** Folders, relative to the workspace, that are not looked into. */
  readonly closed: readonly string[];
}

/**
 * Looks for roots in a workspace and below: a bounded number of levels deep, through no link, over no network mount,
 * and into nothing that belongs to a root that was found.
 */
export async function findRoots(
  { drivers, depth, closed }: FindRoots,
  { files, workspace, signal }: Pick<DistributionContext, 'files' | 'workspace' | 'signal'>,
): Promise<FoundRoots> {
  const mounts = networkMounts((await files.readIfExists('/proc/self/mountinfo')) ?? '');
  const roots: FoundRoot[] = [];
  const claims = new Set<string>();
  const unresolved: Remark[] = [];
  const waiting: { readonly path: string; readonly level: number }[] = [{ path: '.', level: 0 }];
  const isOpen = (path: string, name: string) =>
    !CLOSED.has(name) && !claims.has(path) && !closed.includes(path) && !mounts.has(`${workspace}/${path}`);
  for (let looked = 0; ; looked++) {
    const next = waiting.shift();
    if (!next) break;
    signal.throwIfAborted();
    if (looked === DIRECTORIES) {
      unresolved.push({ item: 'workspace', why: `only its first ${DIRECTORIES} directories were looked into` });
      break;
    }
    const { path, level } = next;
    const entries = await entriesOf(path === '.' ? workspace : `${workspace}/${path}`, files);
    if (!entries) {
      unresolved.push({ item: path, why: 'it may not be read' });
      continue;
    }
    for (const driver of drivers) {
      const recognized = driver.recognize(entries);
      if (!recognized) continue;
      roots.push({ driver, root: path });
      for (const folder of recognized.owns) claims.add(joined(path, folder));
    }
    if (level === depth || claims.has(path)) continue;
    for (const { name, kind } of entries) {
      const below = joined(path, name);
      if (kind === 'directory' && isOpen(below, name)) waiting.push({ path: below, level: level + 1 });
    }
  }
  roots.sort((a, b) => compareText(a.root, b.root));
  return { roots, claims: [...claims].sort(), unresolved };
}

/**
 * Reads `/proc/self/mountinfo`.
 *
 * @returns the mount points of network file systems
 */
export function networkMounts(text: string): ReadonlySet<string> {
  const points = text.split('\n').flatMap((line) => {
    // The fields after a lone dash are the type, the source and options; before it stand a varying number of others.
    const [before = '', after = ''] = line.split(' - ');
    const point = before.split(' ')[4];
    return point !== undefined && NETWORK.test(after.split(' ')[0] ?? '') ? [unescapeOctal(point)] : [];
  });
  return new Set(points);
}

/** The work tree above a workspace that lies inside of one; `undefined` if there is none. */
export async function enclosingWorkTree({
  files,
  workspace,
}: Pick<DistributionContext, 'files' | 'workspace'>): Promise<string | undefined> {
  if (await files.exists(`${workspace}/.git`)) return undefined;
  for (let path = dirname(workspace); path !== dirname(path); path = dirname(path)) {
    if (await files.exists(`${path}/.git`)) return path;
  }
  return undefined;
}

async function entriesOf(path: string, files: DistributionContext['files']): Promise<readonly FileEntry[] | undefined> {
  try {
    return await files.list(path);
  } catch {
    return undefined; // A directory that may not be read, or is no longer one.
  }
}

function joined(path: string, name: string): string {
  return path === '.' ? name : name === '.' ? path : `${path}/${name}`;
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
