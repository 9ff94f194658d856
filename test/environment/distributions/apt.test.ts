import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { apt } from '../../../src/environment/distributions/apt/driver.ts';
import { diffApt } from '../../../src/environment/distributions/apt/diff.ts';
import { findIndexes, readIndex } from '../../../src/environment/distributions/apt/origins.ts';
import { parseAutomatic, parseStatus } from '../../../src/environment/distributions/apt/status.ts';
import { createKeep } from '../../../src/environment/keep.ts';
import { distributionContext } from '../../../src/environment/capture.ts';
import { createListTree } from '../../../src/platform/list-tree.ts';
import type { AptSystem } from '../../../src/model/environment.ts';
import { canonicalJson } from '../../../src/model/json.ts';
import { hasTool } from '../../rig/has-tool.ts';
import { environmentRig, texts, type EnvironmentRig } from '../rig.ts';

const STATUS = `Package: libx
Status: hold ok installed
Architecture: amd64
Multi-Arch: same
Source: xsrc (1.0-1)
Version: 1.0-1+b1
Description: a library
 Package: not a field, but a line of the description
Conffiles:
 /etc/x.conf 11111111111111111111111111111111
 /etc/with blank 22222222222222222222222222222222
 /etc/old 33333333333333333333333333333333 obsolete
 /etc/new newconffile

Package: gone
Status: deinstall ok config-files
Architecture: all
Version: 1

Package: half
Status: install reinstreq half-configured
Architecture: all
Version: 2
`;

test('the status of dpkg is read: continued lines are no fields, what is gone is no package, what is broken is', () => {
  expect(parseStatus(STATUS)).toEqual([
    {
      ...{ name: 'half', arch: 'all', version: '2', source: 'half', sourceVersion: '2' },
      ...{ hold: false, state: 'half-configured', conffiles: [] },
    },
    {
      ...{ name: 'libx', arch: 'amd64', version: '1.0-1+b1', source: 'xsrc', sourceVersion: '1.0-1' },
      ...{ hold: true, state: 'installed' },
      conffiles: [
        { path: '/etc/x.conf', md5: '1'.repeat(32) },
        { path: '/etc/with blank', md5: '2'.repeat(32) },
      ],
    },
  ]);
});

test('automatic marks are by name and architecture', () => {
  const text =
    'Package: a\nArchitecture: amd64\nAuto-Installed: 1\n\nPackage: b\nArchitecture: amd64\nAuto-Installed: 0\n';
  expect([...parseAutomatic(text)]).toEqual(['a:amd64']);
});

test('an index belongs to the archive whose Release file its name begins with', () => {
  const names = [
    'deb.example_debian_dists_bookworm_InRelease',
    'deb.example_debian_dists_bookworm-updates_Release',
    'deb.example_debian_dists_bookworm_main_binary-amd64_Packages.lz4',
    'deb.example_debian_dists_bookworm-updates_non-free_binary-all_Packages',
    'flat.example_repo%5fx_Packages.gz',
    'lock',
  ];
  expect(
    findIndexes(names).map(({ release, origin: { uri, component, architecture } }) => [
      release,
      uri,
      component,
      architecture,
    ]),
  ).toEqual([
    ['deb.example_debian_dists_bookworm_InRelease', 'deb.example/debian', 'main', 'amd64'],
    ['deb.example_debian_dists_bookworm-updates_Release', 'deb.example/debian', 'non-free', 'all'],
    [undefined, 'flat.example/repo_x', null, null],
  ]);
});

test('an index is read alike in pieces of any size', async () => {
  const text = `Package: a\nArchitecture: amd64\nVersion: 1\nSize: 10\nSHA256: ${'a'.repeat(64)}\n\nPackage: skipped\nVersion: 1\n\nPackage: b\nArchitecture: all\nVersion: 2\n`;
  for (let size = 1; size <= text.length; size += 7) {
    const pieces = async function* () {
      for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
    };
    const found = [];
    for await (const one of readIndex(pieces(), (name) => name !== 'skipped')) found.push(one);
    expect(found, `pieces of ${size}`).toEqual([
      { key: 'a:amd64=1', sha256: 'a'.repeat(64), size: 10 },
      { key: 'b:all=2', sha256: undefined, size: undefined },
    ]);
  }
});

async function captureAt(root: string, rig: EnvironmentRig): Promise<AptSystem> {
  const listTree = createListTree(new AbortController().signal);
  const { body } = await apt.capture(root, {
    ...distributionContext(rig.effects, listTree),
    keep: createKeep({ purpose: 'compare', settings: {} }, rig.effects.content),
    ...{ claims: [], others: [], isInGit: false, looseCap: 0 },
  });
  return body;
}

describe('the packages of a machine', () => {
  test('have origins, marks and changed configuration, read again after each change', async () => {
    await using rig = await environmentRig();
    const lists = 'root/var/lib/apt/lists';
    const md5 = createHash('md5').update('as packaged\n').digest('hex');
    rig.write('root/var/lib/dpkg/status', STATUS.replace('1'.repeat(32), md5));
    rig.write(
      `${lists}/deb.example_dists_stable_InRelease`,
      'Hash: SHA256\n\nOrigin: Example\nLabel: Example\nCodename: stable\nDate: today\n',
    );
    rig.write(
      `${lists}/deb.example_dists_stable_main_binary-amd64_Packages`,
      `Package: libx\nArchitecture: amd64\nVersion: 1.0-1+b1\nSize: 5\nSHA256: ${'b'.repeat(64)}\n\n`,
    );
    rig.write('root/etc/x.conf', 'as packaged\n');
    const first = await captureAt(`${rig.path}/root`, rig);
    expect(first).toMatchObject({
      packages: [
        { name: 'half', availability: 'lost', from: [], state: 'half-configured' },
        { name: 'libx', availability: 'index', digest: `sha256:${'b'.repeat(64)}`, size: 5, hold: true },
      ],
      origins: [{ label: 'Example', codename: 'stable', component: 'main' }],
      conffiles: [{ path: '/etc/with blank', state: 'deleted', content: null }],
    });
    expect(canonicalJson(await captureAt(`${rig.path}/root`, rig))).toBe(canonicalJson(first));
    rig.write('root/etc/x.conf', 'by hand\n');
    rig.write(
      'root/var/lib/dpkg/status',
      STATUS.replace('1'.repeat(32), md5).replace('1.0-1+b1', '1.0-2').replace('hold', 'install'),
    );
    const second = await captureAt(`${rig.path}/root`, rig);
    expect(texts(diffApt(first, second))).toEqual([
      'apt libx:amd64 1.0-1+b1 -> 1.0-2',
      expect.stringMatching(/^apt \/etc\/x\.conf as packaged -> modified [0-9a-f]{8}$/),
    ]);
  });

  test('differ by their marks, and not by whether they can be had again', async () => {
    await using rig = await environmentRig();
    rig.write('root/var/lib/dpkg/status', STATUS);
    const body = await captureAt(`${rig.path}/root`, rig);
    const [half, libx] = body.packages;
    if (!half || !libx) throw new Error('two packages are expected');
    expect(diffApt(body, { ...body, packages: [half, { ...libx, availability: 'lost', from: ['x'] }] })).toEqual([]);
    expect(texts(diffApt(body, { ...body, packages: [half, { ...libx, auto: true, hold: false }] }))).toEqual([
      'apt libx:amd64 manual, held -> automatic',
    ]);
  });

  test.skipIf(!hasTool('dpkg-query', ['--version'], 'dpkg'))(
    'of this machine are those that dpkg-query lists',
    async () => {
      await using rig = await environmentRig();
      const format = '${db:Status-Status} ${Package} ${Architecture} ${Version} ${source:Package} ${source:Version}\n';
      const listed = execFileSync('dpkg-query', ['-W', '-f', format], {
        encoding: 'utf8',
        env: { ...process.env, LC_ALL: 'C' },
      })
        .split('\n')
        .filter((line) => line !== '' && !/^(config-files|not-installed) /.test(line));
      const { packages } = await captureAt('/', rig);
      const ours = packages.map(({ state, name, arch, version, source, sourceVersion }) =>
        [state, name, arch, version, source, sourceVersion].join(' '),
      );
      expect(ours.sort()).toEqual(listed.sort());
      const automatic = execFileSync('apt-mark', ['showauto'], { encoding: 'utf8' }).trim().split('\n');
      const names = new Set(packages.filter(({ auto }) => auto).map(({ name }) => name));
      expect(automatic.map((name) => name.replace(/:.*/, '')).filter((name) => !names.has(name))).toEqual([]);
    },
  );
});
