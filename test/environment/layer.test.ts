import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { apt } from '../../src/environment/distributions/apt/driver.ts';
import { environmentLayer } from '../../src/environment/layer.ts';
import { distributions } from '../../src/environment/distributions/list.ts';
import { readVariables } from '../../src/environment/variables.ts';
import { bodyOf } from '../../src/environment/capture.ts';
import { liveSpec } from '../../src/environment/spec.ts';
import type { EnvironmentBody, EnvironmentSpec } from '../../src/model/environment.ts';
import { canonicalJson } from '../../src/model/json.ts';
import { createListTree } from '../../src/platform/list-tree.ts';
import { createContent, layerContext } from '../../src/snapshot/content.ts';
import { hasTool } from '../rig/has-tool.ts';
import { Crash, crashingProcess } from '../rig/crash.ts';
import { layerContract } from '../snapshot/layer-contract.ts';
import {
  environmentRig,
  initGit,
  texts,
  writeNpmPackage,
  writeNpmProject,
  writePythonPackage,
  type EnvironmentRig,
} from './rig.ts';

const listTree = createListTree(new AbortController().signal);

/** A git work tree with an npm project and a virtual environment in it, as the demo has it. */
async function experiment(): Promise<EnvironmentRig> {
  const rig = await environmentRig();
  rig.write('app/.gitignore', 'node_modules/\n.venv/\n');
  initGit(rig, 'app');
  writeNpmProject(rig, 'app', { 'left-pad': '1.3.0', 'other': '2.0.0' });
  rig.write('app/.venv/pyvenv.cfg', 'home = /usr/bin\nversion = 3.11.2\n');
  writePythonPackage(rig, 'app/.venv/lib/python3.11/site-packages', 'calibration', '1.0.0');
  rig.write('app/src/x.js', 'not committed\n');
  return rig;
}

function wreck(rig: EnvironmentRig): void {
  writeNpmPackage(rig, 'app/node_modules/left-pad', '1.2.0');
  rig.remove('app/node_modules/other');
  writePythonPackage(rig, 'app/.venv/lib/python3.11/site-packages', 'calibration', '2.0.0');
  rig.write('app/src/x.js', 'oops\n');
  rig.write('app/new.txt', 'new\n');
  rig.git('app', 'add', 'new.txt');
}

describe.skipIf(!hasTool('git'))('the environment layer', () => {
  const drivers = distributions.filter(({ scope }) => scope === 'workspace');
  layerContract(environmentLayer({ drivers, listTree }), async () => {
    const rig = await experiment();
    return {
      context: rig.context,
      change: () => {
        wreck(rig);
      },
      [Symbol.asyncDispose]: () => rig[Symbol.asyncDispose](),
    };
  });

  test('names exactly what was changed, plans exactly that, and is then as it was', async () => {
    await using rig = await experiment();
    const want = await rig.save();
    wreck(rig);
    expect(texts(await rig.diff(want))).toEqual([
      'git app new.txt as committed -> staged',
      'git app src/x.js modified e874dd2d -> modified fe19778c',
      'npm app left-pad 1.3.0 -> 1.2.0',
      'npm app other - 2.0.0',
      'venv app/.venv calibration 1.0.0 -> 2.0.0',
    ]);
    const { steps, left } = await rig.load(want);
    expect(steps.map(({ action, item, to }) => [action, item, to])).toEqual([
      ['restore', 'git app', '2 files: new.txt, src/x.js'],
      ['restore', 'venv app/.venv calibration', '1.0.0'],
      ['restore', 'npm app', '2 changes: left-pad, other'],
    ]);
    expect(left).toEqual([]);
    expect(canonicalJson(await rig.save())).toBe(canonicalJson(want));
  });

  test('is as it was after a crash at any moment of its steps and a second load', async () => {
    await using rig = await experiment();
    const want = await rig.save();
    const wrecked = async () => {
      wreck(rig);
      return (await rig.plan(want)).steps;
    };
    await wrecked();
    for (let at = 0, isOver = false; !isOver; at += 5) {
      const steps = await wrecked();
      const dying = crashingProcess(rig.context, at);
      const effects = layerContext(dying.context, createContent(dying.context.store));
      try {
        for (const step of steps) await rig.layer.apply(step as never, effects);
        isOver = true;
      } catch (error) {
        expect(error, `effect ${at}`).toBeInstanceOf(Crash);
      }
      await rig.load(want);
      expect(await rig.diff(want), `effect ${at}`).toEqual([]);
      expect(rig.git('app', 'status', '--porcelain').includes('restage-'), `effect ${at}`).toBe(false);
    }
  });

  test('has no secret in its body: not of a variable, a remote, a lock file or an uncommitted file', async () => {
    const secret = 'hunter2hunter2';
    const url = `https://ada:${secret}@example.org/x`;
    await using rig = await environmentRig({
      effects: { variables: { PATH: '/bin', DATABASE_PASSWORD: secret, https_proxy: url, LC_SECRET_KEY: secret } },
    });
    initGit(rig, 'app');
    rig.git('app', 'remote', 'add', 'origin', url);
    rig.write('app/.env', `PASSWORD=${secret}\n`);
    rig.write('app/id_rsa', `-----BEGIN PRIVATE KEY-----\n${secret}\n`);
    writeNpmProject(rig, 'app', { 'left-pad': '1.3.0' });
    const { body, kept } = await rig.capture();
    expect(canonicalJson(body)).not.toContain(secret);
    for (const { digest } of kept) expect((await rig.effects.content.read(digest)).includes(secret)).toBe(false);
    expect(liveSpec(body)?.env).toMatchObject({
      set: { https_proxy: 'https://***@example.org/x' },
      dropped: ['DATABASE_PASSWORD', 'LC_SECRET_KEY'],
    });
  });

  test('leaves the machine alone, and says that --system cannot be done yet', async () => {
    await using rig = await environmentRig({ drivers: [apt] });
    const body = await rig.save();
    const spec = liveSpec(body);
    const [system] = spec?.distributions ?? [];
    if (spec === undefined || system?.type !== 'apt') return; // A machine without dpkg.
    const [first, ...others] = system.packages;
    if (!first) throw new Error('a machine has packages');
    const packages = [{ ...first, version: '0-gone' }, ...others];
    const want = bodyOf({ ...spec, distributions: [{ ...system, packages }] });
    expect(await rig.plan(want)).toMatchObject({ steps: [], impossible: [], left: [{ item: 'apt' }] });
    expect(await rig.plan(want, { system: true })).toMatchObject({
      steps: [],
      impossible: [{ item: 'apt' }],
      left: [],
    });
  });

  test('leaves what the snapshot does not know of, and says so', async () => {
    await using rig = await environmentRig();
    const want = await rig.save();
    initGit(rig, 'new-work');
    expect(await rig.plan(want)).toMatchObject({ steps: [], left: [{ item: 'git new-work' }] });
  });

  test('says that the work tree around the workspace is not captured', async () => {
    await using rig = await environmentRig();
    rig.git('..', 'init', '--quiet');
    const { unresolved } = await rig.capture();
    expect(unresolved).toMatchObject([{ item: 'git', why: expect.stringContaining('lies inside') as string }]);
  });
});

describe('variables', () => {
  test.each([
    { name: 'LANG', value: 'C', expected: { set: { LANG: 'C' } }, why: 'it changes what programs print' },
    { name: 'OMP_NUM_THREADS', value: '4', expected: { set: { OMP_NUM_THREADS: '4' } }, why: 'a whole family' },
    { name: 'SSH_CONNECTION', value: '1', expected: { set: {} }, why: 'it belongs to the terminal' },
    { name: 'MY_SETTING', value: '1', expected: { set: { MY_SETTING: '1' } }, why: 'it was allowed' },
    { name: 'MY_TOKEN', value: 'x', expected: { set: {}, dropped: ['MY_TOKEN'] }, why: 'a secret, though allowed' },
    { name: 'MY_HIDDEN', value: 'x', expected: { set: {}, dropped: ['MY_HIDDEN'] }, why: 'it was denied' },
    {
      name: 'NODE_OPTIONS',
      value: '--auth-token abc',
      expected: { set: { NODE_OPTIONS: '--auth-token ***' } },
      why: 'a secret inside',
    },
    { name: 'VIRTUAL_ENV', value: '/v', expected: { activate: [{ kind: 'venv', id: '/v' }] }, why: 'an activation' },
    { name: 'PATH', value: '/a::/b', expected: { path: ['/a', '/b'], set: {} }, why: 'a list' },
  ])('$name=$value: $why', ({ name, value, expected }) => {
    expect(readVariables({ [name]: value }, { allow: ['MY_*'], deny: ['*HIDDEN'] })).toMatchObject(expected);
  });

  test('a value behind a secret name is never in the answer', () => {
    const value = fc.stringMatching(/^[A-Za-z0-9+/]{12,40}$/);
    const name = fc.constantFrom(
      'API_KEY',
      'GITHUB_TOKEN',
      'DB_PASSWORD',
      'LC_CREDENTIALS',
      'MY_SECRET',
      'AWS_ACCESS_KEY_ID',
    );
    fc.assert(
      fc.property(name, value, (key, secret) => {
        expect(JSON.stringify(readVariables({ [key]: secret }, { allow: ['*'], deny: [] }))).not.toContain(secret);
      }),
    );
  });
});

test('two environments differ in base, variables and distributions, in this order', () => {
  const spec: EnvironmentSpec = {
    ...{ how: 'observed', mode: 'machine', distributions: [] },
    base: {
      os: { id: 'debian', versionId: '12', codename: 'bookworm' },
      arch: 'x86_64',
      kernel: '6.1',
      libc: 'glibc 2.36',
      cpu: { model: 'A' },
    },
    env: { set: { LANG: 'C', TZ: 'UTC' }, path: ['/bin'], activate: [], dropped: ['API_KEY'] },
  };
  const other: EnvironmentSpec = {
    ...spec,
    base: { ...spec.base, kernel: '6.2', os: { ...spec.base.os, versionId: '13' } },
    env: { set: { LANG: 'C' }, path: ['/usr/bin'], activate: [], dropped: [] },
  };
  const layer = environmentLayer({ drivers: distributions, listTree });
  const [from, to]: EnvironmentBody[] = [bodyOf(spec), bodyOf(other)];
  if (!from || !to) throw new Error('there are two');
  expect(texts(layer.diff(from, to))).toEqual([
    'base os debian 12 -> debian 13',
    'base kernel 6.1 -> 6.2',
    'variable PATH /bin -> /usr/bin',
    'variable TZ - UTC',
  ]);
  const plan = layer.plan(from, to, { settings: {}, available: new Set() });
  expect(plan).toMatchObject({ steps: [], impossible: [], left: [{ item: 'base' }, { item: 'variables' }] });
});
