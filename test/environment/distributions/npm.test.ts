import { describe, expect, test } from 'vitest';
import { packageOf, parseLock, parseManifest } from '../../../src/environment/distributions/npm/packages.ts';
import { canonicalJson } from '../../../src/model/json.ts';
import { hasTool } from '../../rig/has-tool.ts';
import { distributionOf, environmentRig, initGit, texts, writeNpmPackage, writeNpmProject } from '../rig.ts';

test.each([
  { path: 'left-pad/index.js', owner: 'node_modules/left-pad', why: 'a package' },
  { path: '@scope/name/lib/a.js', owner: 'node_modules/@scope/name', why: 'a scoped one' },
  { path: 'a/node_modules/b/c.js', owner: 'node_modules/a/node_modules/b', why: 'the innermost' },
  { path: 'a/node_modules/.bin/x', owner: 'node_modules/a', why: 'links of a package are its own' },
  { path: 'linked', owner: 'node_modules/linked', why: 'a link that stands for a package' },
  { path: '.bin/tsc', owner: '', why: 'links of the tree' },
  { path: '.package-lock.json', owner: '', why: "npm's own lock" },
  {
    path: '.pnpm/a@1.0.0/node_modules/a/i.js',
    owner: 'node_modules/.pnpm/a@1.0.0/node_modules/a',
    why: 'as pnpm lays it out',
  },
])('$path belongs to "$owner": $why', ({ path, owner }) => {
  expect(packageOf(path)).toBe(owner);
});

test('a lock that cannot be read says nothing, and credentials of a registry are left out', () => {
  expect(parseLock('{')).toEqual(new Map());
  expect(parseManifest(undefined)).toEqual({ name: null, version: null });
  const text = JSON.stringify({ packages: { 'node_modules/a': { resolved: 'https://u:hunter2@r.example/a.tgz' } } });
  expect(parseLock(text).get('node_modules/a')).toEqual({ integrity: null, resolved: 'https://***@r.example/a.tgz' });
});

describe('an npm project', () => {
  test('is captured by package, with version and integrity, and without secrets', async () => {
    await using rig = await environmentRig();
    writeNpmProject(rig, 'app', { 'left-pad': '1.3.0', '@scope/x': '2.0.0' });
    const body = await rig.save();
    expect(distributionOf(body, 'npm', 'app')).toMatchObject({
      name: 'app',
      packages: [
        { path: 'node_modules/@scope/x', name: '@scope/x', version: '2.0.0' },
        { path: 'node_modules/left-pad', version: '1.3.0', integrity: 'sha512-left-pad1.3.0' },
      ],
    });
    expect(canonicalJson(body)).not.toContain('secret');
  });

  test('a difference names the packages that changed, came and went, and nothing else', async () => {
    await using rig = await environmentRig();
    writeNpmProject(rig, 'app', { 'left-pad': '1.3.0', 'gone': '1.0.0', 'same': '1.0.0', 'edited': '3.0.0' });
    const before = await rig.save();
    rig.remove('app/node_modules/gone');
    writeNpmPackage(rig, 'app/node_modules/left-pad', '1.2.0');
    writeNpmPackage(rig, 'app/node_modules/came', '0.1.0');
    rig.write('app/node_modules/edited/index.js', 'by hand\n');
    rig.write('app/node_modules/.cache/tool/x', 'made again\n');
    expect(texts(await rig.diff(before))).toEqual([
      'npm app came + 0.1.0',
      expect.stringMatching(/^npm app edited 3\.0\.0 files [0-9a-f]{8} -> 3\.0\.0 files [0-9a-f]{8}$/),
      'npm app gone - 1.0.0',
      'npm app left-pad 1.3.0 -> 1.2.0',
    ]);
  });

  test('comes back from what was kept: only the files that differ are touched', async () => {
    await using rig = await environmentRig();
    writeNpmProject(rig, 'app', { 'left-pad': '1.3.0', 'same': '1.0.0', 'gone': '1.0.0' });
    rig.run('mkdir', ['-p', 'app/node_modules/.bin']);
    rig.run('ln', ['-s', '../left-pad/index.js', 'app/node_modules/.bin/left-pad']);
    rig.write('app/node_modules/gone/bin/run', '#!/bin/sh\n');
    rig.run('chmod', ['755', 'app/node_modules/gone/bin/run']);
    rig.write('app/node_modules/.cache/x', 'cache\n');
    const want = await rig.save();
    const inodes = ['same/index.js', 'left-pad/package.json'].map((path) => rig.inode(`app/node_modules/${path}`));
    rig.write('app/node_modules/left-pad/index.js', 'wrecked\n');
    rig.write('app/node_modules/left-pad/extra/deep.js', 'extra\n');
    rig.remove('app/node_modules/gone');
    rig.remove('app/node_modules/.bin');
    writeNpmPackage(rig, 'app/node_modules/came', '0.1.0');
    const { steps } = await rig.load(want);
    expect(steps).toMatchObject([{ type: 'npm', action: 'restore', item: 'npm app' }]);
    expect(canonicalJson(await rig.save())).toBe(canonicalJson(want));
    expect(['same/index.js', 'left-pad/package.json'].map((path) => rig.inode(`app/node_modules/${path}`))).toEqual(
      inodes,
    );
    expect(rig.exists('app/node_modules/came') || rig.exists('app/node_modules/left-pad/extra')).toBe(false);
    expect(rig.exists('app/node_modules/.cache/x'), 'a cache is left alone').toBe(true);
    expect((await rig.plan(want)).steps).toEqual([]);
  });

  test.each([
    { why: 'node_modules is gone', wreck: ['app/node_modules'] },
    { why: 'all of it is gone', wreck: ['app'] },
  ])('comes back when $why, manifests included', async ({ wreck }) => {
    await using rig = await environmentRig();
    writeNpmProject(rig, 'app', { 'left-pad': '1.3.0' });
    const want = await rig.save();
    for (const path of wreck) rig.remove(path);
    await rig.load(want);
    expect(canonicalJson(await rig.save())).toBe(canonicalJson(want));
  });

  test('in a git work tree is not counted twice: not as untracked, and its manifests are of git', async () => {
    await using rig = await environmentRig();
    initGit(rig, 'app');
    writeNpmProject(rig, 'app', { 'left-pad': '1.3.0' });
    const body = await rig.save();
    expect(distributionOf(body, 'git', 'app').untracked.map(({ path }) => path)).toEqual([
      'package-lock.json',
      'package.json',
    ]);
    expect(distributionOf(body, 'npm', 'app').manifests).toEqual([]);
    rig.write('app/node_modules/left-pad/index.js', 'wrecked\n');
    expect(await rig.diff(body)).toHaveLength(1);
  });

  test('a link out of the tree is put back as a link, and nothing is ever written through one', async () => {
    await using rig = await environmentRig();
    writeNpmProject(rig, 'app', { 'left-pad': '1.3.0' });
    const want = await rig.save();
    writeNpmPackage(rig, 'elsewhere', '9.0.0');
    const before = rig.read('elsewhere/index.js');
    rig.remove('app/node_modules/left-pad');
    rig.run('ln', ['-s', '../../elsewhere', 'app/node_modules/left-pad']);
    expect(texts(await rig.diff(want))).toContain('npm app left-pad 1.3.0 -> link to ../../elsewhere');
    const linked = await rig.save();
    await rig.load(want);
    expect(rig.read('elsewhere/index.js')).toBe(before);
    expect(rig.read('app/node_modules/left-pad/package.json')).toContain('1.3.0');
    await rig.load(linked);
    expect(rig.run('readlink', ['app/node_modules/left-pad'])).toBe('../../elsewhere\n');
  });

  test('whose files the store does not have cannot be loaded, and that is said before anything is touched', async () => {
    await using rig = await environmentRig();
    writeNpmProject(rig, 'app', { 'left-pad': '1.3.0' });
    const { body, notKept } = await rig.capture({ settings: { keep: 'none' } });
    expect(notKept).toMatchObject([{ what: 'contents of the environment' }]);
    writeNpmPackage(rig, 'app/node_modules/left-pad', '1.2.0');
    expect(await rig.plan(body)).toMatchObject({ steps: [], impossible: [{ item: 'npm app' }] });
  });

  test.skipIf(!hasTool('npm'))('made by npm itself survives a load, as npm sees it', async () => {
    await using rig = await environmentRig();
    for (const version of [1, 2]) {
      rig.write(
        `vendor/${version}/package.json`,
        JSON.stringify({ name: 'filter', version: `${version}.0.0`, bin: 'cli.js' }),
      );
      rig.write(`vendor/${version}/cli.js`, '#!/usr/bin/env node\n');
    }
    rig.write('app/package.json', '{"name":"app","version":"1.0.0"}');
    const npm = (...args: string[]) =>
      rig.run(
        'npm',
        [
          ...args,
          '--offline',
          '--no-audit',
          '--no-fund',
          '--install-links',
          '--loglevel=error',
          `--cache=${rig.path}/.cache`,
        ],
        'app',
      );
    npm('install', '../vendor/1');
    const want = await rig.save();
    const listed = npm('ls', '--json');
    npm('install', '../vendor/2');
    expect(texts(await rig.diff(want))).toContain('npm app filter 1.0.0 -> 2.0.0');
    await rig.load(want);
    expect(npm('ls', '--json')).toBe(listed);
    expect(await rig.diff(want)).toEqual([]);
  });
});
