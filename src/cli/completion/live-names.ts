import { dirname, join } from 'node:path';
import type { CompletionKind } from '../command.ts';

/** What live names are read from; `main.ts` hands it in. Absence is an empty answer, and nothing throws. */
export interface LiveSources {
  /** The working directory. */
  readonly directory: string;
  /** Of the user: where a workspace of their own and their snapshots may lie. */
  readonly user: { readonly workspace: string; readonly snapshots: string };
  /** The names in a directory. */
  readonly list: (path: string) => Promise<readonly string[]>;
  /** The text of a file. */
  readonly read: (path: string) => Promise<string>;
  /** What a program prints. */
  readonly run: (file: string, args: readonly string[]) => Promise<string>;
}

/** How many names are offered at most: a shell asks before it shows hundreds. */
const MOST = 500;
/** Folders of the history that are no streams. */
const NO_STREAMS = /^(snapshots|images|undo)\//;

/** The names of one kind that there are now, without opening the store: by files, and one call of git at most. */
export async function liveNames(
  kind: CompletionKind,
  prefix: string,
  sources: LiveSources,
): Promise<readonly string[]> {
  const names = await namesOf(kind, prefix, sources);
  return [...new Set(names)].filter((name) => name.startsWith(prefix)).slice(0, MOST);
}

async function namesOf(kind: CompletionKind, prefix: string, sources: LiveSources): Promise<readonly string[]> {
  switch (kind) {
    case 'snapshot':
      return snapshotNames(prefix, sources);
    case 'image':
      return namesBelow('images', /^images\/([^/]+)\.json$/, sources);
    case 'stream':
      return streamNames(sources);
    case 'node':
      return nodeNames(sources);
    case 'unit':
      return unitNames(sources);
    case 'pid':
      return (await sources.list('/proc')).filter((name) => /^\d+$/.test(name));
    case 'command':
    case 'file':
    case 'directory':
      return [];
  }
}

async function snapshotNames(prefix: string, sources: LiveSources): Promise<readonly string[]> {
  const at = prefix.lastIndexOf('@');
  if (at > 0) return ['latest', '~1', '~2'].map((version) => prefix.slice(0, at + 1) + version);
  const places = [sources.directory, sources.user.snapshots];
  const files = (await Promise.all(places.map((place) => sources.list(place)))).flat();
  const stored = await namesBelow('snapshots', /^snapshots\/([^/]+)\.snap$/, sources);
  const named = files.flatMap((name) => (name.endsWith('.snap') ? [name.slice(0, -'.snap'.length)] : []));
  return [...named, ...stored.filter((name) => name !== 'undo'), 'live'].sort();
}

async function streamNames(sources: LiveSources): Promise<readonly string[]> {
  const members = await membersBelow('', sources);
  return members.filter((path) => !NO_STREAMS.test(path)).map((path) => path.replace(/^streams\//, ''));
}

async function namesBelow(folder: string, member: RegExp, sources: LiveSources): Promise<readonly string[]> {
  return (await membersBelow(`${folder}/`, sources)).flatMap((path) => member.exec(path)?.[1] ?? []);
}

async function membersBelow(prefix: string, sources: LiveSources): Promise<readonly string[]> {
  const workspace = await workspaceOf(sources);
  const repository = `--git-dir=${join(workspace, '.restage/.git')}`;
  const below = prefix === '' ? ['-r', 'HEAD'] : ['HEAD', '--', prefix];
  const listed = await sources.run('git', [repository, 'ls-tree', '-z', '--name-only', ...below]);
  return listed.split('\0').filter((path) => path !== '');
}

/** Names of nodes stand in the inventory: ours has them as keys below `nodes:`, rhubarbe's as host names. */
async function nodeNames(sources: LiveSources): Promise<readonly string[]> {
  const workspace = await workspaceOf(sources);
  const paths = [
    join(workspace, '.restage/nodes/lab/inventory.yaml'),
    join(sources.directory, 'inventory.yaml'),
    join(workspace, 'inventory.yaml'),
    ...['/etc/restage/inventory.yaml', '/etc/rhubarbe/inventory.json', '/etc/rhubarbe/inventory-nodes.json'],
  ];
  for (const path of paths) {
    const names = inventoryNames(await sources.read(path));
    if (names.length > 0) return names;
  }
  return [];
}

/** The names of nodes in the text of an inventory, by its lines alone: a reader of YAML would cost as much again as Node. */
export function inventoryNames(text: string): readonly string[] {
  if (/^\s*\[/.test(text)) {
    const hosts = Array.from(text.matchAll(/"hostname"\s*:\s*"([^"]+)"/g), ([, name = '']) => name);
    // Each node has a power card too, whose host is reboot01 where the node's is fit01.
    return hosts.filter((name) => !name.startsWith('reboot') && !name.startsWith('data'));
  }
  const [, block = ''] = /^nodes:[ \t]*\n((?:(?:[ \t]+.*|#.*)?\n?)*)/m.exec(text) ?? [];
  const indent = /^([ \t]+)\S/m.exec(block)?.[1] ?? '  ';
  return block.split('\n').flatMap((line) => {
    const [, name] = line.startsWith(indent) ? (/^["']?([\w.-]+)["']?\s*:/.exec(line.slice(indent.length)) ?? []) : [];
    return name === undefined ? [] : [name];
  });
}

async function unitNames(sources: LiveSources): Promise<readonly string[]> {
  const etc = join(await workspaceOf(sources), 'etc');
  const files = (await sources.list(etc)).filter(
    (name) => name.endsWith('.yaml') && !/^(session|secrets)\./.test(name),
  );
  const units = await Promise.all(
    files.map(async (file) => {
      const alias = /^alias:[ \t]*["']?([\w.-]+)/m.exec(await sources.read(join(etc, file)))?.[1];
      return [file.slice(0, -'.yaml'.length), ...(alias === undefined ? [] : [alias])];
    }),
  );
  return units.flat();
}

async function workspaceOf({ directory, user, list }: LiveSources): Promise<string> {
  for (let place = directory; ; place = dirname(place)) {
    if ((await list(place)).includes('.restage')) return place;
    if (place === dirname(place)) return user.workspace;
  }
}
