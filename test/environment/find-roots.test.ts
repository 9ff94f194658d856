import { expect, test } from 'vitest';
import { distributions } from '../../src/environment/distributions/list.ts';
import { findRoots, networkMounts } from '../../src/environment/find-roots.ts';
import { environmentRig, type EnvironmentRig } from './rig.ts';

async function find(rig: EnvironmentRig, depth = 6, closed: readonly string[] = []) {
  const { roots, claims, unresolved } = await findRoots({ drivers: distributions, depth, closed }, rig.effects);
  return { roots: roots.map(({ driver, root }) => `${driver.id} ${root}`), claims, unresolved };
}

test('roots are found below the workspace, but in nothing that belongs to a root already', async () => {
  await using rig = await environmentRig();
  rig.write('.git/HEAD', 'ref: refs/heads/main\n');
  rig.write('app/package.json', '{}');
  rig.write('app/node_modules/x/package.json', '{}');
  rig.write('app/node_modules/x/node_modules/y/package.json', '{}');
  rig.write('app/node_modules/x/.git/HEAD', '');
  rig.write('app/.venv/pyvenv.cfg', '');
  rig.write('app/.venv/lib/node_modules/z/package.json', '{}');
  rig.write('lib/.git', 'gitdir: ../.git/modules/lib\n');
  rig.write('no-project/package.json', '{}');
  rig.write('.restage/environment/node_modules/x/package.json', '{}');
  expect(await find(rig)).toEqual({
    roots: ['git .', 'npm app', 'venv app/.venv', 'git lib'],
    claims: ['app/.venv', 'app/node_modules'],
    unresolved: [],
  });
});

test('the search is bounded in depth, follows no link, and stays out of closed folders', async () => {
  await using rig = await environmentRig();
  rig.write('1/2/3/pyvenv.cfg', '');
  rig.write('data/pyvenv.cfg', '');
  rig.run('ln', ['-s', '/', 'root']);
  rig.run('ln', ['-s', '1/2/3', 'again']);
  expect((await find(rig, 3, ['data'])).roots).toEqual(['venv 1/2/3']);
  expect((await find(rig, 2, ['data'])).roots).toEqual([]);
});

test('network mounts are known by their type, whatever their options are', () => {
  const text = [
    '36 35 98:0 / /data rw,noatime shared:1 master:2 - ext4 /dev/sda rw',
    '37 35 0:30 / /home/with\\040blank rw - nfs4 server:/home rw',
    '38 35 0:31 / /mnt/s rw shared:3 - fuse.sshfs me@host: rw',
    '39 35 0:32 / /x rw - tmpfs nfs rw',
    'nonsense',
  ].join('\n');
  expect([...networkMounts(text)]).toEqual(['/home/with blank', '/mnt/s']);
});

test('a network mount below the workspace is not entered', async () => {
  await using rig = await environmentRig();
  rig.write('far/pyvenv.cfg', '');
  rig.write('near/pyvenv.cfg', '');
  const files = {
    ...rig.effects.files,
    readIfExists: async (path: string) =>
      path === '/proc/self/mountinfo'
        ? `1 1 0:1 / ${rig.path}/far rw - nfs server:/ rw\n`
        : rig.effects.files.readIfExists(path),
  };
  const { roots } = await findRoots({ drivers: distributions, depth: 6, closed: [] }, { ...rig.effects, files });
  expect(roots.map(({ root }) => root)).toEqual(['near']);
});
