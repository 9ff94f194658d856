import { RestageError } from '../errors.ts';
import { digestOfJson } from '../model/digest.ts';
import { ENVIRONMENT_SCHEMA } from '../model/environment.ts';
import type { Distribution, EnvironmentBody, EnvironmentSpec } from '../model/environment.ts';
import { compareText } from '../model/order.ts';
import type { Remark } from '../model/plan.ts';
import { parseSize } from '../model/size.ts';
import type { ListTree } from '../platform/list-tree.ts';
import type { Capture, CaptureRequest, LayerContext, NotKept } from '../snapshot/layer.ts';
import { readBase } from './base.ts';
import type {
  CaptureContext,
  CapturedDistribution,
  DistributionContext,
  DistributionDriver,
} from './distributions/contract.ts';
import { DEFAULT_DEPTH, enclosingWorkTree, findRoots, type FoundRoot, type FoundRoots } from './find-roots.ts';
import { createKeep, type KeepList } from './keep.ts';
import { isWithin } from './root-path.ts';
import { liveSpec } from './spec.ts';
import { readVariables } from './variables.ts';

/** Folders of a workspace in which a session keeps what it needs. */
const SESSION_FOLDERS = ['bin', 'db', 'err', 'etc', 'exit', 'fp', 'out', 'pid', 'run'];
const DEFAULT_LOOSE_CAP = 64 * 1024 * 1024;

/** What a capture works with. */
export interface CaptureParts {
  readonly drivers: readonly DistributionDriver[];
  readonly listTree: ListTree;
}

/** Reads the environment of this machine and of the workspace. */
export async function captureEnvironment(
  { drivers, listTree }: CaptureParts,
  request: CaptureRequest,
  context: LayerContext,
): Promise<Capture<EnvironmentBody>> {
  const place = distributionContext(context, listTree);
  const keep = createKeep(request, context.content);
  const available = await probeAll(drivers, place);
  const others = await foldersOfOthers(context);
  const found = await findRoots(
    { drivers: drivers.filter(({ scope }) => scope === 'workspace'), depth: depthOf(context), closed: others },
    place,
  );
  const shared = { ...place, keep, others, looseCap: looseCapOf(context) };
  const results = await captureRoots({ found, drivers, available }, request, shared);
  const outside = await enclosingWorkTree(place);
  const lacks = await lackingPaths(request, drivers, context);
  const spec: EnvironmentSpec = {
    ...{ how: 'observed', mode: 'machine', base: await readBase(context) },
    env: readVariables(context.variables, variableRules(context)),
    distributions: results
      .flatMap(({ body }) => body ?? [])
      .sort((a, b) => compareText(a.type, b.type) || compareText(a.root, b.root)),
    ...(lacks.length > 0 && { lacks }),
  };
  return {
    body: bodyOf(spec),
    kept: keep.kept,
    notKept: [...results.flatMap(({ notKept }) => notKept), ...keep.left],
    unresolved: [
      ...found.unresolved,
      ...(outside === undefined ? [] : [insideRemark(outside)]),
      ...results.flatMap(({ unresolved }) => unresolved),
    ],
  };
}

/** A body with one environment: the live one. */
export function bodyOf(spec: EnvironmentSpec): EnvironmentBody {
  const digest = digestOfJson(spec);
  return {
    schema: ENVIRONMENT_SCHEMA,
    environments: [{ name: 'live', at: 'local', spec: digest }],
    specs: { [digest]: spec },
  };
}

/** Binds the effects of a layer for drivers of distributions. */
export function distributionContext(context: LayerContext, listTree: ListTree): DistributionContext {
  const { exec, start, files, clock, signal, workspace, content, state } = context;
  return {
    ...{ exec, start, files, clock, signal, workspace, content, listTree },
    ...{ cache: `${state}/environment/cache`, stage: `${state}/environment/stage` },
  };
}

interface CapturedRoot {
  readonly body?: Distribution;
  readonly notKept: readonly NotKept[];
  readonly unresolved: readonly Remark[];
}

interface RootsToCapture {
  readonly found: FoundRoots;
  readonly drivers: readonly DistributionDriver[];
  /** By driver id: `undefined` if it works here, else why not. */
  readonly available: ReadonlyMap<string, string | undefined>;
}

async function captureRoots(
  { found, drivers, available }: RootsToCapture,
  request: CaptureRequest,
  shared: Omit<CaptureContext, 'claims' | 'want' | 'isInGit'> & { readonly keep: KeepList },
): Promise<CapturedRoot[]> {
  const machine = drivers
    .filter(({ scope, id }) => scope === 'machine' && available.get(id) === undefined)
    .map((driver): FoundRoot => ({ driver, root: '/' }));
  const gitRoots = found.roots.filter(({ driver }) => driver.id === 'git').map(({ root }) => root);
  const results: CapturedRoot[] = [];
  for (const { driver, root } of [...machine, ...found.roots]) {
    const reason = available.get(driver.id);
    if (reason !== undefined) {
      results.push({ notKept: [], unresolved: [{ item: `${driver.id} ${root}`, why: reason }] });
      continue;
    }
    const want = wantedAt(request, driver.id, root);
    const isInGit = gitRoots.some((one) => isWithin(root, one));
    const claims = ['.restage', ...found.claims];
    results.push(await captureRoot({ driver, root }, { ...shared, claims, want, isInGit }));
  }
  return results;
}

/** What cannot be read is said, and the rest of the machine is captured all the same. */
async function captureRoot({ driver, root }: FoundRoot, context: CaptureContext): Promise<CapturedRoot> {
  try {
    const captured: CapturedDistribution = await driver.capture(root, context);
    return captured;
  } catch (error) {
    const isUnreadable = error instanceof RestageError && /^(file|exec)\//.test(error.code);
    if (context.signal.aborted || !isUnreadable) throw error;
    return { notKept: [], unresolved: [{ item: `${driver.id} ${root}`, why: error.message }] };
  }
}

async function probeAll(
  drivers: readonly DistributionDriver[],
  context: DistributionContext,
): Promise<Map<string, string | undefined>> {
  const answers = await Promise.all(
    drivers.map(async (driver) => {
      const probe = await driver.probe(context);
      return [driver.id, probe.available ? undefined : probe.reason] as const;
    }),
  );
  return new Map(answers);
}

function wantedAt(request: CaptureRequest, type: string, root: string): Distribution | undefined {
  return wanted(request).find((one) => one.type === type && one.root === root);
}

/** What the capture is compared with. What is saved knows nothing of it: it is the same whatever it is saved for. */
function wanted({ want, purpose }: CaptureRequest): readonly Distribution[] {
  if (purpose !== 'compare' || want === undefined) return [];
  return liveSpec(want as EnvironmentBody)?.distributions ?? [];
}

async function lackingPaths(
  request: CaptureRequest,
  drivers: readonly DistributionDriver[],
  { files }: LayerContext,
): Promise<string[]> {
  const lacks = new Set<string>();
  for (const want of wanted(request)) {
    for (const path of drivers.find(({ id }) => id === want.type)?.needs(want) ?? []) {
      if (!(await files.exists(path))) lacks.add(path);
    }
  }
  return [...lacks].sort();
}

/** Folders of the workspace that the session and the data layer save. */
async function foldersOfOthers({ files, workspace, configuration }: LayerContext): Promise<string[]> {
  const isSession = await files.exists(`${workspace}/etc/session.yaml`);
  const data = (configuration.get('data', 'dirs') ?? '').split(/[\s,]+/).filter((folder) => folder !== '');
  return [...(isSession ? SESSION_FOLDERS : []), ...data.map((folder) => folder.replace(/^\.\/|\/+$/g, ''))];
}

function depthOf({ configuration }: LayerContext): number {
  const depth = Number(configuration.get('environment', 'depth') ?? DEFAULT_DEPTH);
  return Number.isInteger(depth) && depth >= 0 ? depth : DEFAULT_DEPTH;
}

function looseCapOf({ configuration }: LayerContext): number {
  return parseSize(configuration.get('environment', 'loose_cap') ?? '') ?? DEFAULT_LOOSE_CAP;
}

function variableRules({ configuration }: LayerContext): { readonly allow: string[]; readonly deny: string[] } {
  const names = (key: string) =>
    (configuration.get('environment', key) ?? '').split(/[\s,]+/).filter((name) => name !== '');
  return { allow: names('env_allow'), deny: names('env_deny') };
}

function insideRemark(top: string): Remark {
  return {
    item: 'git',
    why: `the workspace lies inside the work tree ${top}, which is not captured`,
    hint: 'Make the workspace at the top of the work tree',
  };
}
