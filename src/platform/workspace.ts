import { dirname, isAbsolute, join, resolve } from 'node:path';
import { RestageError } from '../errors.ts';
import type { Context } from './context.ts';
import type { Files } from './files.ts';

/** Where the files of this user lie that belong to no workspace: the XDG directories. */
export interface UserPlaces {
  /** Holds `restage/restage.conf`. */
  readonly configuration: string;
  /** Where a workspace of the user's own may lie, which serves where there is no other. */
  readonly workspace: string;
  /** The user's own snapshots, found from everywhere. */
  readonly snapshots: string;
  readonly cache: string;
}

/** Which workspace is meant. */
export interface FindWorkspace {
  /** `create` means the place itself; `read` is content with the user's own workspace. */
  readonly mode: 'create' | 'write' | 'read';
  /** Where to look from, upwards; absolute. */
  readonly place: string;
  /** `--workspace`: this one and no other. */
  readonly named?: string;
  readonly places: Pick<UserPlaces, 'workspace'>;
}

/** The XDG directories of this user, each with `restage` behind it. A relative one counts as absent, as XDG says. */
export function userPlaces({ variables, host }: Pick<Context, 'variables' | 'host'>): UserPlaces {
  const directory = (name: string, usual: string) => {
    const value = variables[name];
    return join(value !== undefined && isAbsolute(value) ? value : join(host.home, usual), 'restage');
  };
  const data = directory('XDG_DATA_HOME', '.local/share');
  return {
    configuration: directory('XDG_CONFIG_HOME', '.config'),
    workspace: data,
    snapshots: join(data, 'snapshots'),
    cache: directory('XDG_CACHE_HOME', '.cache'),
  };
}

/**
 * Finds the workspace: the nearest directory upwards that has `.restage/`.
 *
 * @throws {RestageError} `workspace/missing`
 */
export async function findWorkspace(
  { mode, place, named, places }: FindWorkspace,
  files: Pick<Files, 'exists'>,
): Promise<string> {
  const start = named === undefined ? place : resolve(place, named);
  if (mode === 'create') return start;
  if (named !== undefined) {
    if (await isWorkspace(start, files)) return start;
    throw new RestageError('workspace/missing', `there is no .restage/ in ${start}`, {
      hint: `Make one there with \`restage init ${named}\``,
      details: { place: start },
    });
  }
  const found = await nearestWorkspace(start, files);
  if (found !== undefined) return found;
  if (mode === 'read' && (await isWorkspace(places.workspace, files))) return places.workspace;
  throw new RestageError('workspace/missing', `there is no .restage/ in ${start} or above`, {
    details: { place: start },
  });
}

/** The nearest workspace at a directory or above it. */
export async function nearestWorkspace(start: string, files: Pick<Files, 'exists'>): Promise<string | undefined> {
  for (let directory = start; ; directory = dirname(directory)) {
    if (await isWorkspace(directory, files)) return directory;
    if (directory === dirname(directory)) return undefined;
  }
}

function isWorkspace(directory: string, files: Pick<Files, 'exists'>): Promise<boolean> {
  return files.exists(join(directory, '.restage'));
}
