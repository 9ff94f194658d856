import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inventoryNames, liveNames } from '../../../src/cli/completion/live-names.ts';
import { createLiveSources } from '../../../src/platform/live-sources.ts';
import { hasTool } from '../../rig/has-tool.ts';
import { temporaryDirectory } from '../../rig/temporary-directory.ts';

const OURS = `schema: restage/inventory/1
testbed: lab
defaults:
  power: {driver: cmc}
nodes:
  # the first rack
  fit01:
    power: [{host: reboot01}]
  "fit02": {number: 2}
  fit10.lab:
    control: {host: x}
groups:
  left: [1]
`;
const RHUBARBE = JSON.stringify([
  { cmc: { hostname: 'reboot01' }, control: { hostname: 'fit01' }, data: { hostname: 'data01' } },
  { cmc: { hostname: 'reboot02' }, control: { hostname: 'fit02' } },
]);

describe('inventoryNames', () => {
  test.each([
    { text: OURS, is: ['fit01', 'fit02', 'fit10.lab'], why: 'keys below nodes' },
    { text: 'nodes:\n    a: {}\n    b: {}\n', is: ['a', 'b'], why: 'any indentation' },
    { text: RHUBARBE, is: ['fit01', 'fit02'], why: "control hosts of rhubarbe's list" },
    { text: 'testbed: lab\n', is: [], why: 'no nodes' },
    { text: '', is: [], why: 'no file' },
  ])('finds $is: $why', ({ text, is }) => {
    expect(inventoryNames(text)).toEqual(is);
  });
});

describe('liveNames', () => {
  function workspace(files: Readonly<Record<string, string>>) {
    const directory = temporaryDirectory();
    const at = join(directory.path, 'work/deep');
    for (const [path, text] of Object.entries({ '.restage/store.json': '{}', 'deep/here': '', ...files })) {
      const full = join(directory.path, 'work', path);
      mkdirSync(dirname(full), { recursive: true });
      writeFileSync(full, text);
    }
    const sources = createLiveSources(at, { HOME: join(directory.path, 'home') });
    return {
      ...sources,
      directory: at,
      path: join(directory.path, 'work'),
      [Symbol.dispose]: () => {
        directory[Symbol.dispose]();
      },
    };
  }

  test('snapshots are files here and members of the store, with what live means', async () => {
    using rig = workspace({ 'deep/demo.snap': '{}', 'deep/notes.txt': '' });
    expect(await liveNames('snapshot', '', rig)).toEqual(['demo', 'live']);
    expect(await liveNames('snapshot', 'd', rig)).toEqual(['demo']);
    expect(await liveNames('snapshot', 'demo@', rig)).toEqual(['demo@latest', 'demo@~1', 'demo@~2']);
  });

  test.skipIf(!hasTool('git'))('the store is asked for members with plain git', async () => {
    using rig = workspace({});
    const git = (...args: string[]) => {
      const { status, stderr } = spawnSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
        cwd: join(rig.path, 'other'),
        encoding: 'utf8',
      });
      if (status !== 0) throw new Error(stderr);
    };
    const members = [
      'snapshots/friday.snap',
      'snapshots/undo.snap',
      'images/debian.json',
      'streams/qplan/raw',
      'notes',
    ];
    for (const path of members) {
      mkdirSync(dirname(join(rig.path, 'other', path)), { recursive: true });
      writeFileSync(join(rig.path, 'other', path), path);
    }
    git('init', '--quiet', `--separate-git-dir=${join(rig.path, '.restage/.git')}`);
    git('add', '.');
    git('commit', '--quiet', '--message', 'x');
    expect(await liveNames('snapshot', '', rig)).toEqual(['friday', 'live']);
    expect(await liveNames('image', '', rig)).toEqual(['debian']);
    expect(await liveNames('stream', '', rig)).toEqual(['notes', 'qplan/raw']);
    expect(await liveNames('stream', 'q', rig)).toEqual(['qplan/raw']);
  });

  test('nodes stand in the inventory, that of a lab first', async () => {
    using rig = workspace({ 'inventory.yaml': OURS });
    expect(await liveNames('node', 'fit0', rig)).toEqual(['fit01', 'fit02']);
    using lab = workspace({ 'inventory.yaml': OURS, '.restage/nodes/lab/inventory.yaml': 'nodes:\n  sim1: {}\n' });
    expect(await liveNames('node', '', lab)).toEqual(['sim1']);
  });

  test('units have the names of their files, and their aliases', async () => {
    using rig = workspace({ 'etc/yellow-panda.yaml': 'uri: exec:///bin/true\nalias: web\n', 'etc/session.yaml': '' });
    expect(await liveNames('unit', '', rig)).toEqual(['yellow-panda', 'web']);
  });

  test('where nothing is there, there are no names and no failure', async () => {
    using directory = temporaryDirectory();
    const sources = createLiveSources(join(directory.path, 'gone'), { HOME: directory.path });
    for (const kind of ['image', 'stream', 'node', 'unit', 'file', 'command'] as const) {
      expect(await liveNames(kind, '', sources), kind).toEqual([]);
    }
  });
});
