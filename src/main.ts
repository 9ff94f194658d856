/** The composition root: puts the engine together out of its parts and hands it to the command line. Imported by nothing. */
import { readFileSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import type { Engine, OpenWorkspace } from './cli/command.ts';
import type { DataCommands } from './cli/commands/data/contract.ts';
import type { Check, GeneralCommands } from './cli/commands/general/contract.ts';
import type { NodesCommands } from './cli/commands/nodes/contract.ts';
import type { SessionCommands } from './cli/commands/session/contract.ts';
import type { EngineRun, OpenEngine } from './cli/run.ts';
import type { MergedConfiguration } from './model/configuration.ts';
import type { Context } from './platform/context.ts';
import type { SessionTools } from './session/context.ts';
import type { SnapshotContext } from './snapshot/context.ts';
import type { Layer } from './snapshot/layer.ts';
import type { Store } from './store/contract.ts';

type Mode = NonNullable<OpenWorkspace['mode']>;

/** Where snapshots lie that all users of this machine see. */
const PUBLIC_SNAPSHOTS = '/var/lib/restage/snapshots';

if (import.meta.main) await main(process.argv.slice(2));

/** Answers at once what needs no engine; imports the command line for all else. */
async function main(words: readonly string[]): Promise<void> {
  const version = readVersion();
  if (words.length === 1 && words[0] === '--version') {
    process.stdout.write(`restage ${version}\n`);
    return;
  }
  const program = process.env['RESTAGE_PROGRAM'] ?? 'restage';
  delete process.env['RESTAGE_PROGRAM']; // What we start was not called by that name.
  if (words[0] === '__complete') {
    process.stdout.write(await complete(program, words.slice(1)));
    process.exit();
  }
  await cacheCompiled(process.env);
  const [{ runCommandLine }, { createTerminal, exitOnBug }] = await Promise.all([
    import('./cli/run.ts'),
    import('./platform/terminal.ts'),
  ]);
  exitOnBug(70);
  const directory = process.cwd();
  const status = await runCommandLine({
    ...{ program, words, version },
    terminal: createTerminal(directory),
    open: (run) => openEngine(run, directory),
  });
  // What is still open, such as a connection that is kept alive, keeps nobody waiting.
  process.exit(status);
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { readonly version: string }).version;
}

/** Lets Node keep what it has compiled: a command that opens the engine starts a fifth faster, all but the first time. */
async function cacheCompiled({ XDG_CACHE_HOME: cache, HOME: home }: NodeJS.ProcessEnv): Promise<void> {
  const { enableCompileCache } = await import('node:module');
  if (cache !== undefined && isAbsolute(cache)) enableCompileCache(join(cache, 'restage/node'));
  else if (home !== undefined && isAbsolute(home)) enableCompileCache(join(home, '.cache/restage/node'));
}

/** Answers a completion script. On this path nothing of the engine is imported: it runs at every TAB. */
async function complete(program: string, words: readonly string[]): Promise<string> {
  const [{ answerCompletion }, { createLiveSources }] = await Promise.all([
    import('./cli/completion/answer.ts'),
    import('./platform/live-sources.ts'),
  ]);
  return answerCompletion({ program, words }, createLiveSources(process.cwd(), process.env));
}

/** Puts an engine together for one command. Nothing is opened before it is asked for; disposing closes what was. */
export function openEngine(run: EngineRun, directory: string): OpenEngine {
  const opened = new AsyncDisposableStack();
  const local = once(async () => {
    const { createLocalContext } = await import('./platform/local-context.ts');
    return createLocalContext(run.signal, run.emit);
  });
  const base = once(async () => openBase(await local(), run, directory, opened));
  const engine: Engine = {
    snapshots: async ({ mode = 'write', directory: from = '.' } = {}) => {
      const place = resolve(directory, from);
      return openSnapshots(await local(), { mode, place, run, directory, opened });
    },
    nodes: async () => openNodes(await base()),
    environment: async () => (await import('./environment/commands.ts')).environmentCommands(await local()),
    session: async ({ mode = 'write', directory: from = '.' } = {}) => {
      return openSession(await local(), mode, resolve(directory, from), run);
    },
    data: async ({ directory: from, serves = false } = {}) => {
      if (!serves) return openData(await base());
      // The command's signal ends the service, which first answers what is in flight: the store must outlive it.
      const { createLocalContext } = await import('./platform/local-context.ts');
      const outliving = createLocalContext(new AbortController().signal, run.emit);
      return openData(
        await openBase(outliving, from === undefined ? run : { ...run, workspace: from }, directory, opened),
      );
    },
    general: async () => openGeneral(await base()),
    demo: async () => (await import('./platform/sandbox.ts')).createSandbox(await local()),
  };
  return { engine, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** What the wings stand on: the workspace, or that of the user where there is none, with its store. */
interface Base {
  readonly local: Context;
  readonly directory: string;
  /** Absent: the user's own serves. */
  readonly workspace: string | undefined;
  /** `.restage/`. */
  readonly state: string;
  readonly configuration: MergedConfiguration;
  /** Opens the store when it is first needed. */
  readonly store: () => Promise<Store>;
}

async function openBase(
  local: Context,
  run: EngineRun,
  directory: string,
  opened: AsyncDisposableStack,
): Promise<Base> {
  const { findWorkspace, nearestWorkspace, userPlaces } = await import('./platform/workspace.ts');
  const places = userPlaces(local);
  const named = run.workspace;
  const workspace =
    named === undefined
      ? await nearestWorkspace(directory, local.files)
      : await findWorkspace({ mode: 'write', place: directory, named, places }, local.files);
  const state = join(workspace ?? places.workspace, '.restage');
  const configuration = await readConfiguration(workspace, directory, run, local);
  const store = once(async () => {
    const mode = workspace === undefined ? 'create' : 'write';
    return opened.use(await openStore(state, mode, configuration, local));
  });
  return { local, directory, workspace, state, configuration, store };
}

/** How the workspace of a command over snapshots is opened. */
interface Opening {
  readonly mode: Mode;
  /** Where the workspace is looked for, or made. */
  readonly place: string;
  readonly directory: string;
  readonly run: EngineRun;
  readonly opened: AsyncDisposableStack;
}

async function openSnapshots(local: Context, opening: Opening): Promise<SnapshotContext> {
  const { mode, place, directory, run, opened } = opening;
  const { findWorkspace, userPlaces } = await import('./platform/workspace.ts');
  const { ownerState } = await import('./platform/host.ts');
  const places = userPlaces(local);
  const named = run.workspace === undefined ? {} : { named: run.workspace };
  const workspace = await findWorkspace({ mode, place, places, ...named }, local.files);
  const state = join(workspace, '.restage');
  const configuration = await readConfiguration(workspace, directory, run, local);
  return {
    ...local,
    ...{ workspace, state, directory, configuration },
    store: opened.use(await openStore(state, mode, configuration, local)),
    layers: await openLayers(local),
    libraries: { user: places.snapshots, public: configuration.get('store', 'snapshots') ?? PUBLIC_SNAPSHOTS },
    journals: await openJournals(local),
    ownerState: (owner) => ownerState(owner, local.host),
    openStore: (at, how) => openStore(at, how, configuration, local),
  };
}

// Wings know the hall's contract by type only: here, at this annotation, the compiler compares their layers with it.
async function openLayers(local: Context): Promise<readonly Layer[]> {
  const { host, signal } = local;
  const [{ nodesLayer }, { environmentLayer }, { distributions }, { createListTree }] = await Promise.all([
    import('./nodes/layer.ts'),
    import('./environment/layer.ts'),
    import('./environment/distributions/list.ts'),
    import('./platform/list-tree.ts'),
  ]);
  const [{ dataLayer }, { ownerState }, { sessionLayer }, tools] = await Promise.all([
    import('./data/layer.ts'),
    import('./platform/host.ts'),
    import('./session/layer.ts'),
    openSessionTools(local),
  ]);
  const layers = [
    nodesLayer({ ownerState: (owner) => ownerState(owner, host) }),
    environmentLayer({ drivers: distributions, listTree: createListTree(signal) }),
    dataLayer(),
    sessionLayer(tools),
  ];
  return layers;
}

async function openNodes({ local, directory, state, configuration, store }: Base): Promise<NodesCommands> {
  const [{ nodesCommands }, { createDaemons }, { listenOnLoopback }] = await Promise.all([
    import('./nodes/commands.ts'),
    import('./platform/daemon.ts'),
    import('./platform/http-server.ts'),
  ]);
  const daemons = createDaemons(ownProgram(), local.host);
  return nodesCommands({
    ...local,
    ...{ directory, configuration, store, daemons, listen: listenOnLoopback },
    ownerState: (owner) => daemons.state(owner),
    nodesState: join(state, 'nodes'),
    journals: await openJournals(local),
  });
}

async function openSession(local: Context, mode: Mode, place: string, run: EngineRun): Promise<SessionCommands> {
  const [{ findWorkspace, userPlaces }, { createSession }, { sessionContext }, tools] = await Promise.all([
    import('./platform/workspace.ts'),
    import('./session/commands.ts'),
    import('./session/context.ts'),
    openSessionTools(local),
  ]);
  const named = run.workspace === undefined ? {} : { named: run.workspace };
  const workspace = await findWorkspace({ mode, place, places: userPlaces(local), ...named }, local.files);
  return createSession(sessionContext(local, tools, { workspace, state: join(workspace, '.restage') }));
}

async function openSessionTools({ host }: Context): Promise<SessionTools> {
  const [{ createProc }, { createProcesses }] = await Promise.all([
    import('./platform/proc.ts'),
    import('./platform/process.ts'),
  ]);
  return { proc: createProc(), processes: createProcesses(host) };
}

async function openData({ local, configuration, store }: Base): Promise<DataCommands> {
  const [wing, { serviceCommands }, { zeroMq }] = await Promise.all([
    import('./data/open-data.ts'),
    import('./service/commands.ts'),
    import('./platform/zeromq.ts'),
  ]);
  const data = wing.openData({ ...local, configuration, store: await store() });
  return { ...data, ...serviceCommands(data, zeroMq) };
}

async function openGeneral(base: Base): Promise<GeneralCommands> {
  const { local, configuration } = base;
  const { createProgramLinks } = await import('./platform/program-links.ts');
  const links = createProgramLinks(resolve(import.meta.dirname, '../bin/restage'), local.files);
  return {
    configuration: async () => configuration,
    checks: () => checksOf(base),
    link: links.make,
    programDirectory: async () => links.directory,
  };
}

async function checksOf(base: Base): Promise<readonly Check[]> {
  const { local, state } = base;
  const [{ programChecks, zeroMqCheck }, { fileSystemCheck }, { distributions }] = await Promise.all([
    import('./platform/program-checks.ts'),
    import('./platform/store-check.ts'),
    import('./environment/distributions/list.ts'),
  ]);
  const packages = distributions.map((driver) => ({
    ...{ area: 'distribution', id: driver.id, summary: driver.summary },
    probe: () => driver.probe(local),
  }));
  const nodes = await openNodes(base);
  return [...programChecks(local), zeroMqCheck(), fileSystemCheck(state, local), ...packages, ...nodes.checks()];
}

async function openStore(at: string, mode: Mode, configuration: MergedConfiguration, local: Context): Promise<Store> {
  const [{ directory }, { parseSize }] = await Promise.all([
    import('./store/engines/directory.ts'),
    import('./model/size.ts'),
  ]);
  const inline = parseSize(configuration.get('store', 'inline') ?? '');
  return directory.open({ directory: at, mode, ...(inline !== undefined && { inline }) }, local);
}

async function openJournals({ files }: Context): Promise<SnapshotContext['journals']> {
  const { openJournal, readJournal } = await import('./store/journal.ts');
  return { open: (path) => openJournal(path, files), read: (path) => readJournal(path, files) };
}

async function readConfiguration(workspace: string | undefined, directory: string, run: EngineRun, local: Context) {
  const { loadConfiguration } = await import('./platform/configuration-files.ts');
  const directories = [...(workspace === undefined ? [] : [workspace]), directory];
  return loadConfiguration({ directories, settings: run.settings }, local);
}

/** The command that starts this very program again. */
function ownProgram(): readonly [string, ...string[]] {
  return [process.execPath, process.argv[1] ?? import.meta.filename];
}

/** Calls `make` when it is needed first, and keeps what it gave. */
function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
