import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ensureExcluded, excludeLine } from '../../src/snapshot/exclude.ts';
import { init } from '../../src/snapshot/init.ts';
import { save } from '../../src/snapshot/save.ts';
import { hasTool } from '../rig/has-tool.ts';
import { snapshotRig } from '../rig/snapshots.ts';

test.each([
  { directory: '', line: '/.restage/', why: 'at the top' },
  { directory: 'exp/one', line: '/exp/one/.restage/', why: 'below it' },
  { directory: 'a*[b]?', line: '/a\\*\\[b\\]\\?/.restage/', why: 'signs that git would take for patterns' },
])('the line for $directory: $why', ({ directory, line }) => {
  expect(excludeLine(directory)).toBe(line);
});

describe.skipIf(!hasTool('git'))('in a git work tree', () => {
  test('init and save keep the store out, with one line however often', async () => {
    await using rig = await snapshotRig({ hasGit: true });
    git(rig.path, 'init', '-q');
    writeFileSync(join(rig.path, '.git/info/exclude'), '# no newline at the end');
    rig.write('data', {});
    await save({ name: 'x', settings: {} }, rig.context);
    await init(rig.context);
    await init(rig.context);
    const text = readFileSync(join(rig.path, '.git/info/exclude'), 'utf8');
    expect(text).toBe('# no newline at the end\n/.restage/\n');
    writeFileSync(join(rig.path, '.restage/inside'), '');
    expect(git(rig.path, 'status', '--porcelain')).not.toContain('.restage');
  });

  test('a workspace below the top of a linked work tree is kept out too', async () => {
    await using rig = await snapshotRig({ hasGit: true });
    const top = join(rig.path, 'main');
    git(rig.path, 'init', '-q', top);
    git(top, '-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '-q', '--allow-empty', '-m', 'first');
    git(top, 'worktree', 'add', '-q', '../linked');
    const workspace = join(rig.path, 'linked/exp');
    mkdirSync(join(workspace, '.restage'), { recursive: true });
    writeFileSync(join(workspace, '.restage/inside'), '');
    expect(await ensureExcluded(rig.as({ workspace }))).toBe(join(top, '.git/info/exclude'));
    expect(git(join(rig.path, 'linked'), 'status', '--porcelain', '-uall')).toBe('');
  });

  test('init proposes the directories that no clone would bring back', async () => {
    await using rig = await snapshotRig({ hasGit: true, settings: { 'data.dirs': 'declared' } });
    git(rig.path, 'init', '-q');
    for (const name of ['results', 'declared', 'node_modules', '.hidden', 'tracked', 'environment']) {
      mkdirSync(join(rig.path, name));
      writeFileSync(join(rig.path, name, 'file'), '');
    }
    writeFileSync(join(rig.path, 'environment/pyvenv.cfg'), '');
    mkdirSync(join(rig.path, 'empty'));
    git(rig.path, 'add', 'tracked');
    expect((await init(rig.context)).proposals).toEqual(['results']);
  });
});

test('outside of a work tree there is nothing to keep out, and all directories are candidates', async () => {
  await using rig = await snapshotRig({ hasGit: true });
  mkdirSync(join(rig.path, 'results'));
  writeFileSync(join(rig.path, 'results/file'), '');
  const initialized = await init(rig.context);
  expect(initialized).toMatchObject({ workspace: rig.path, proposals: ['results'] });
  expect(initialized.excludedIn).toBeUndefined();
});

function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8' });
}
