import { RestageError } from '../../errors.ts';
import type { Context } from '../../platform/context.ts';
import { makeDurableDirectory } from '../durable-directory.ts';

/** What repositories are made and looked at with. */
export type RepositoryContext = Pick<Context, 'exec' | 'files'>;

/** The settings that a repository of ours has, for plain git beside us. */
const SETTINGS: readonly (readonly [key: string, value: string])[] = [
  // A repack at the wrong moment is ours to avoid: we consolidate in the background.
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['receive.autogc', 'false'],
  ['receive.denyNonFastForwards', 'true'],
  ['receive.denyDeletes', 'true'],
  ['core.hooksPath', '/dev/null'],
  // What plain git pushes into it is as durable as what we write.
  ['core.fsync', 'all'],
];

const NEW_CONFIG = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\thooksPath = /dev/null
\tfsync = all
[gc]
\tauto = 0
[maintenance]
\tauto = false
[receive]
\tautogc = false
\tdenyNonFastForwards = true
\tdenyDeletes = true
`;

/** Makes a bare repository; an interrupted attempt is completed. */
export async function createRepository(
  gitDirectory: string,
  { files }: Pick<RepositoryContext, 'files'>,
): Promise<void> {
  for (const name of ['objects/pack', 'objects/info', 'refs/heads', 'refs/tags', 'refs/restage', 'info']) {
    await makeDurableDirectory(`${gitDirectory}/${name}`, files);
  }
  await files.write(`${gitDirectory}/description`, 'History of a restage store; plain git reads it\n');
  await files.write(`${gitDirectory}/config`, NEW_CONFIG);
  // git takes a directory for a repository when it has this file: so it comes last.
  await files.write(`${gitDirectory}/HEAD`, 'ref: refs/heads/main\n');
}

/** Gives an existing bare repository our settings where it has others. Its branch stays. */
export async function adoptRepository(gitDirectory: string, { exec }: Pick<RepositoryContext, 'exec'>): Promise<void> {
  const git = ['-c', 'safe.directory=*', `--git-dir=${gitDirectory}`, 'config'];
  for (const [key, value] of SETTINGS) {
    const { stdout } = await exec('git', [...git, '--local', '--get', key]);
    if (stdout.trim() !== value) await exec('git', [...git, '--local', key, value], { expect: [0] });
  }
}

/**
 * Looks at a repository that is to be opened.
 *
 * @returns the full name of its branch
 * @throws {RestageError} `store/format` for one that stores refs or ids in a way we do not write
 */
export async function inspectRepository(
  gitDirectory: string,
  { files }: Pick<RepositoryContext, 'files'>,
): Promise<string> {
  const config = (await files.readIfExists(`${gitDirectory}/config`)) ?? '';
  const extension = /^\s*(refstorage\s*=\s*reftable|objectformat\s*=\s*sha256|partialclone\s*=.*)$/im.exec(config)?.[1];
  if (extension !== undefined) {
    throw new RestageError('store/format', `${gitDirectory} has ${extension.trim()}, which restage does not write`, {
      hint: 'Make another store; a repository of ours has loose refs and sha1 ids',
      details: { file: `${gitDirectory}/config` },
    });
  }
  const head = (await files.readIfExists(`${gitDirectory}/HEAD`)) ?? '';
  const branch = /^ref: (refs\/heads\/\S+)\s*$/.exec(head)?.[1];
  if (branch !== undefined) return branch;
  throw new RestageError('store/format', `${gitDirectory} has no branch: its HEAD is detached`, {
    details: { file: `${gitDirectory}/HEAD` },
  });
}
