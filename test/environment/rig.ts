import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DistributionDriver } from '../../src/environment/distributions/contract.ts';
import { distributions } from '../../src/environment/distributions/list.ts';
import { environmentLayer } from '../../src/environment/layer.ts';
import { liveSpec } from '../../src/environment/spec.ts';
import type { Distribution, EnvironmentBody } from '../../src/model/environment.ts';
import type { Digest } from '../../src/model/id.ts';
import type { Difference, LayerPlan } from '../../src/model/plan.ts';
import { createListTree } from '../../src/platform/list-tree.ts';
import type { Context } from '../../src/platform/context.ts';
import { createContent, layerContext } from '../../src/snapshot/content.ts';
import type { SnapshotContext } from '../../src/snapshot/context.ts';
import type { Capture, CaptureRequest, Layer, LayerContext } from '../../src/snapshot/layer.ts';
import { digestsIn } from '../../src/snapshot/prepare-load.ts';
import { snapshotRig } from '../rig/snapshots.ts';

/** A workspace with real trees in it, seen through the environment layer. Gone when disposed. */
export interface EnvironmentRig extends AsyncDisposable {
  /** The workspace. */
  readonly path: string;
  readonly context: SnapshotContext;
  readonly layer: Layer<
    EnvironmentBody,
    ReturnType<typeof environmentLayer>['plan'] extends (...args: never) => LayerPlan<infer Step> ? Step : never
  >;
  /** Paths are relative to the workspace. */
  readonly write: (path: string, text: string | Uint8Array) => void;
  readonly read: (path: string) => string;
  readonly exists: (path: string) => boolean;
  readonly remove: (path: string) => void;
  /** Changes when a file is replaced. */
  readonly inode: (path: string) => number;
  /** Runs git in a folder, as somebody, and answers what it printed. */
  readonly git: (folder: string, ...args: readonly string[]) => string;
  readonly run: (file: string, args: readonly string[], folder?: string) => string;
  readonly effects: LayerContext;
  readonly capture: (request?: Partial<CaptureRequest>) => Promise<Capture<EnvironmentBody>>;
  /** The saved body; what it needs is in the store. */
  readonly save: () => Promise<EnvironmentBody>;
  readonly diff: (from: EnvironmentBody) => Promise<readonly Difference[]>;
  readonly plan: (want: EnvironmentBody, settings?: CaptureRequest['settings']) => Promise<LayerPlan>;
  /** Plans and applies; answers the plan. */
  readonly load: (want: EnvironmentBody) => Promise<LayerPlan>;
}

const AUTHOR = ['-c', 'user.name=t', '-c', 'user.email=t@example.org', '-c', 'commit.gpgsign=false'];

/** How a rig may differ from the usual one. */
export interface EnvironmentRigOptions {
  /** Those of the workspace if absent: the machine's own take a second each time. */
  readonly drivers?: readonly DistributionDriver[];
  readonly effects?: Partial<Context>;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Makes one with an empty workspace. */
export async function environmentRig(options: EnvironmentRigOptions = {}): Promise<EnvironmentRig> {
  const drivers = options.drivers ?? distributions.filter(({ scope }) => scope === 'workspace');
  const listTree = createListTree(new AbortController().signal);
  const layer = environmentLayer({ drivers, listTree });
  const base = await snapshotRig({
    layers: [layer],
    effects: { variables: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' }, ...options.effects },
    hasGit: true,
    settings: options.settings ?? {},
  });
  const { path, context } = base;
  const effects = layerContext(context, createContent(context.store));
  const capture = (request: Partial<CaptureRequest> = {}) =>
    layer.capture(effects, { purpose: 'save', settings: {}, ...request });
  const present = async (want: EnvironmentBody) => (await capture({ purpose: 'compare', want })).body;
  const plan = async (want: EnvironmentBody, settings: CaptureRequest['settings'] = {}) => {
    const available = new Set<Digest>();
    for (const digest of digestsIn(want)) if (await effects.content.has(digest)) available.add(digest);
    return layer.plan(await present(want), want, { settings, available });
  };
  return {
    ...{ path, context, layer, effects, capture, plan },
    write: (name, text) => {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), text);
    },
    read: (name) => readFileSync(join(path, name), 'utf8'),
    exists: (name) => existsSync(join(path, name)),
    remove: (name) => {
      rmSync(join(path, name), { recursive: true, force: true });
    },
    inode: (name) => statSync(join(path, name)).ino,
    git: (folder, ...args) => git(join(path, folder), args),
    run: (file, args, folder = '.') =>
      execFileSync(file, args, { cwd: join(path, folder), encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    save: async () => (await capture()).body,
    diff: async (from) => layer.diff(from, await present(from)),
    load: async (want) => {
      const planned = await plan(want);
      if (planned.impossible.length > 0) throw new Error(JSON.stringify(planned.impossible));
      for (const step of planned.steps) await layer.apply(step, effects);
      return planned;
    },
    [Symbol.asyncDispose]: () => base[Symbol.asyncDispose](),
  };
}

/** Differences as short texts: `npm left-pad 1.3.0 -> 1.2.0`. */
export function texts(differences: readonly Difference[]): string[] {
  return differences.map(({ type, item, from, to }) => {
    const sides =
      from !== undefined && to !== undefined
        ? `${from} -> ${to}`
        : `${from === undefined ? '+' : '-'} ${to ?? from ?? ''}`;
    return `${type} ${item} ${sides}`;
  });
}

/** The distribution of a body with this type and root. */
export function distributionOf<Type extends Distribution['type']>(
  body: EnvironmentBody,
  type: Type,
  root: string,
): Extract<Distribution, { type: Type }> {
  const found = liveSpec(body)?.distributions.find((one) => one.type === type && one.root === root);
  if (!found) throw new Error(`there is no ${type} at ${root}`);
  return found as Extract<Distribution, { type: Type }>;
}

/** Makes an npm project by hand as npm leaves it: no registry is needed. */
export function writeNpmProject(
  rig: Pick<EnvironmentRig, 'write'>,
  root: string,
  versions: Readonly<Record<string, string>>,
): void {
  const at = root === '.' ? '' : `${root}/`;
  const locked = Object.entries(versions).map(([name, version]) => {
    const entry = {
      version,
      resolved: `https://user:secret@registry.example/${name}.tgz`,
      integrity: `sha512-${name}${version}`,
    };
    return [`node_modules/${name}`, entry] as const;
  });
  const lock = { name: 'app', lockfileVersion: 3, packages: Object.fromEntries(locked) };
  rig.write(`${at}package.json`, JSON.stringify({ name: 'app', dependencies: versions }));
  rig.write(`${at}package-lock.json`, JSON.stringify(lock));
  rig.write(`${at}node_modules/.package-lock.json`, JSON.stringify(lock));
  for (const [name, version] of Object.entries(versions)) writeNpmPackage(rig, `${at}node_modules/${name}`, version);
}

/** Writes one package into a tree. */
export function writeNpmPackage(rig: Pick<EnvironmentRig, 'write'>, path: string, version: string): void {
  const name = path.replace(/^.*node_modules\//, '');
  rig.write(`${path}/package.json`, JSON.stringify({ name, version }));
  rig.write(`${path}/index.js`, `export const version = '${version}';\n`);
}

/** Makes a repository with one commit of `a.txt` and `src/x.js`. */
export function initGit(rig: Pick<EnvironmentRig, 'write' | 'git'>, root: string): void {
  const at = root === '.' ? '' : `${root}/`;
  rig.write(`${at}a.txt`, 'a\n');
  rig.write(`${at}src/x.js`, 'x\n');
  rig.git(root, 'init', '--quiet', '--initial-branch=main');
  rig.git(root, 'add', '.');
  rig.git(root, 'commit', '--quiet', '--message', 'first');
}

/** Writes a Python package into a virtual environment as an installer would. */
export function writePythonPackage(
  rig: Pick<EnvironmentRig, 'write'>,
  site: string,
  name: string,
  version: string,
): void {
  const information = `${site}/${name}.dist-info`;
  rig.write(`${site}/${name}.py`, `VERSION = '${version}'\n`);
  rig.write(`${information}/METADATA`, `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n\nAbout: it\n`);
  rig.write(`${information}/INSTALLER`, 'pip\n');
  rig.write(`${information}/RECORD`, `${name}.py,,\n${name}.dist-info/METADATA,,\n${name}.dist-info/RECORD,,\n`);
}

function git(cwd: string, args: readonly string[]): string {
  return execFileSync('git', [...AUTHOR, ...args], {
    ...{ cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    env: { ...process.env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
  });
}
