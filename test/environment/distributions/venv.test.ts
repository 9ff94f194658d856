import { describe, expect, test } from 'vitest';
import {
  normalizeName,
  parseDirectUrl,
  parseMetadata,
  parseRecord,
  parseVenvConfiguration,
} from '../../../src/environment/distributions/venv/parse.ts';
import { canonicalJson } from '../../../src/model/json.ts';
import { hasTool } from '../../rig/has-tool.ts';
import { distributionOf, environmentRig, texts, writePythonPackage, type EnvironmentRig } from '../rig.ts';

test('a name has one form', () => {
  expect(normalizeName('Foo__Bar.-baz')).toBe('foo-bar-baz');
});

test.each([
  {
    text: 'home = /usr/bin\nversion = 3.11.2\n',
    parsed: { python: '3.11.2', base: '/usr/bin', systemSite: false },
    why: 'an old venv',
  },
  {
    text: 'home=/usr/bin\nexecutable = /usr/bin/python3.11\nversion = 3.11.2\ninclude-system-site-packages = TRUE\n',
    parsed: { python: '3.11.2', base: '/usr/bin/python3.11', systemSite: true },
    why: 'a newer one',
  },
  {
    text: 'version_info = 3.9.1.final.0\nbase-executable = /usr/bin/python3\n',
    parsed: { python: '3.9.1.final.0', base: '/usr/bin/python3', systemSite: false },
    why: 'virtualenv',
  },
  { text: '', parsed: { python: null, base: null, systemSite: false }, why: 'nothing' },
])('pyvenv.cfg: $why', ({ text, parsed }) => {
  expect(parseVenvConfiguration(text)).toEqual(parsed);
});

test('METADATA is read up to the first empty line', () => {
  expect(parseMetadata('Metadata-Version: 2.1\r\nName: A_b\r\nVersion: 1.0 \r\n\r\nName: other\n')).toEqual({
    name: 'a-b',
    version: '1.0',
  });
  expect(parseMetadata('Name: a\n\nVersion: 1\n')).toBeUndefined();
});

test('RECORD names files of the environment, and none outside', () => {
  const text =
    'a/b.py,sha256=x,3\r\n"with, comma ""q"".py",,\n../../../bin/run,,\n../../../../outside,,\n/etc/passwd,,\n';
  expect(parseRecord(text, 'lib/python3/site-packages')).toEqual([
    'lib/python3/site-packages/a/b.py',
    'lib/python3/site-packages/with, comma "q".py',
    'bin/run',
  ]);
});

test('the origin of a package has no credentials', () => {
  const text = JSON.stringify({ url: 'git+https://ada:hunter2@host/x.git', dir_info: { editable: true } });
  expect(parseDirectUrl(text)).toEqual({ url: 'git+https://host/x.git', editable: true });
  expect(parseDirectUrl('{')).toEqual({ url: null, editable: false });
});

/** Makes a real environment with two packages; answers its site-packages, relative to the workspace. */
function makeVenv(rig: EnvironmentRig): string {
  rig.run('python3', ['-m', 'venv', '--without-pip', 'app/.venv']);
  const site = rig.run('app/.venv/bin/python', ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))']).trim();
  const relative = site.slice(rig.path.length + 1);
  writePythonPackage(rig, relative, 'calibration', '1.0.0');
  writePythonPackage(rig, relative, 'stays', '2.0.0');
  return relative;
}

describe.skipIf(!hasTool('python3', ['-m', 'venv', '--help'], 'python3-venv'))('a virtual environment', () => {
  test('is captured by package, whatever Python has compiled meanwhile', async () => {
    await using rig = await environmentRig();
    makeVenv(rig);
    const body = await rig.save();
    expect(distributionOf(body, 'venv', 'app/.venv')).toMatchObject({
      python: expect.stringMatching(/^3\./) as string,
      packages: [
        { name: 'calibration', version: '1.0.0', installer: 'pip', content: { files: 4 } },
        { name: 'stays', version: '2.0.0' },
      ],
    });
    rig.run('app/.venv/bin/python', ['-c', 'import calibration']);
    expect(canonicalJson(await rig.save())).toBe(canonicalJson(body));
  });

  test('comes back package by package, and Python runs what was put back, not what it had compiled', async () => {
    await using rig = await environmentRig();
    const site = makeVenv(rig);
    const want = await rig.save();
    const inode = rig.inode(`${site}/stays.py`);
    writePythonPackage(rig, site, 'calibration', '9.0.0');
    writePythonPackage(rig, site, 'came', '0.1.0');
    rig.run('app/.venv/bin/python', ['-c', 'import calibration']);
    expect(texts(await rig.diff(want))).toEqual([
      'venv app/.venv calibration 1.0.0 -> 9.0.0',
      'venv app/.venv came + 0.1.0',
    ]);
    await rig.load(want);
    expect(rig.run('app/.venv/bin/python', ['-c', 'import calibration; print(calibration.VERSION)'])).toBe('1.0.0\n');
    expect(rig.inode(`${site}/stays.py`)).toBe(inode);
    expect(canonicalJson(await rig.save())).toBe(canonicalJson(want));
    expect((await rig.plan(want)).steps).toEqual([]);
  });

  test('comes back when it is gone, and is not promised where its Python is not', async () => {
    await using rig = await environmentRig();
    makeVenv(rig);
    const want = await rig.save();
    rig.remove('app/.venv');
    await rig.load(want);
    expect(rig.run('app/.venv/bin/python', ['-c', 'import calibration; print(calibration.VERSION)'])).toBe('1.0.0\n');

    rig.write('old/pyvenv.cfg', 'home = /nowhere/bin\nexecutable = /nowhere/bin/python3\nversion = 3.0.0\n');
    const old = await rig.save();
    rig.remove('old');
    expect((await rig.plan(old)).impossible).toEqual([
      { item: 'venv old', why: 'it needs /nowhere/bin/python3, which is not here' },
    ]);
  });

  test('with a changed script or link says so, apart from its packages', async () => {
    await using rig = await environmentRig();
    makeVenv(rig);
    const want = await rig.save();
    rig.write('app/.venv/bin/activate', 'echo wrecked\n');
    expect(texts(await rig.diff(want))).toEqual([
      expect.stringMatching(/^venv app\/\.venv \(files of no package\) [0-9a-f]{8} -> [0-9a-f]{8}$/),
    ]);
    await rig.load(want);
    expect(await rig.diff(want)).toEqual([]);
  });
});
