import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAYER_KINDS, type LayerKind } from '../../src/model/id.ts';
import type { Context } from '../../src/platform/context.ts';
import type { ExecResult } from '../../src/platform/exec.ts';
import { ownerState } from '../../src/platform/host.ts';
import type { LoadRequest } from '../../src/model/request.ts';
import type { SnapshotContext } from '../../src/snapshot/context.ts';
import { findSnapshot } from '../../src/snapshot/find.ts';
import type { Layer } from '../../src/snapshot/layer.ts';
import { performLoad, type LoadReport } from '../../src/snapshot/perform-load.ts';
import { prepareLoad } from '../../src/snapshot/prepare-load.ts';
import { prepareUndo } from '../../src/snapshot/undo.ts';
import type { Store } from '../../src/store/contract.ts';
import { memory } from '../../src/store/engines/memory.ts';
import { openJournal, readJournal } from '../../src/store/journal.ts';
import { testContext, type TestContext } from './context.ts';
import { jsonFileLayer } from './layers.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A workspace with layers over JSON files and a store in memory. Gone when disposed. */
export interface SnapshotRig extends AsyncDisposable {
  readonly path: string;
  readonly context: SnapshotContext;
  readonly events: TestContext['events'];
  readonly abort: TestContext['abort'];
  /** Replaces the texts of one layer. */
  readonly write: (kind: LayerKind, items: Readonly<Record<string, string>>) => void;
  readonly read: (kind: LayerKind) => Record<string, string>;
  /** The same workspace as another process sees it: other effects, same store and files. */
  readonly as: (overrides: Partial<SnapshotContext>) => SnapshotContext;
}

/** How a rig may differ from the usual one. */
export interface SnapshotRigOptions {
  readonly effects?: Partial<Context>;
  readonly layers?: readonly Layer[];
  /** Whether programs can be called; git is the only one that the hall calls. */
  readonly hasGit?: boolean;
  readonly settings?: Readonly<Record<string, string>>;
}

/** Makes one; no layer is there before `write`. */
export async function snapshotRig(options: SnapshotRigOptions = {}): Promise<SnapshotRig> {
  const directory = temporaryDirectory();
  const path = join(directory.path, 'work');
  mkdirSync(join(path, '.restage'), { recursive: true });
  const test = testContext({ ...(options.hasGit === true ? {} : { exec: noProgram }), ...options.effects });
  const store = await memory.open({ directory: join(path, '.restage'), mode: 'create' }, test);
  const others = new Map<string, Store>();
  const context: SnapshotContext = {
    ...test,
    ...{ workspace: path, state: join(path, '.restage'), directory: path, store },
    libraries: { user: join(directory.path, 'user'), public: join(directory.path, 'public') },
    configuration: {
      get: (section, key) => options.settings?.[`${section}.${key}`],
      section: () => new Map(),
      sections: () => [],
    },
    layers: options.layers ?? LAYER_KINDS.map((kind) => jsonFileLayer(kind) as Layer),
    journals: {
      open: (file) => openJournal(file, test.files),
      read: (file) => readJournal(file, test.files),
    },
    ownerState: (owner) => ownerState(owner, test.host),
    openStore: async (place) => {
      const known = others.get(place) ?? (await memory.open({ directory: place, mode: 'create' }, test));
      others.set(place, known);
      return known;
    },
  };
  const file = (kind: LayerKind) => join(path, `${kind}.json`);
  return {
    ...{ path, context, events: test.events, abort: test.abort },
    write: (kind, items) => {
      writeFileSync(file(kind), JSON.stringify(items));
    },
    read: (kind) => JSON.parse(readFileSync(file(kind), 'utf8')) as Record<string, string>,
    as: (overrides) => ({ ...context, ...overrides }),
    [Symbol.asyncDispose]: async () => {
      await store.close();
      directory[Symbol.dispose]();
    },
  };
}

/** A place without any program. */
async function noProgram(): Promise<ExecResult> {
  return { status: 127, stdout: '', stdoutBytes: Buffer.alloc(0), stderr: '' };
}

/** Loads without asking, as `restage load --yes` does. */
export async function load(
  name: string,
  context: SnapshotContext,
  request: Omit<LoadRequest, 'snapshot'> = { settings: {} },
): Promise<LoadReport> {
  const target = await findSnapshot(name, context);
  await using prepared = await prepareLoad({ verb: 'load', target, request }, context);
  return await performLoad(prepared, context);
}

/** Undoes without asking, as `restage undo --yes` does. */
export async function undo(context: SnapshotContext): Promise<LoadReport> {
  await using prepared = await prepareUndo({ settings: {} }, context);
  return await performLoad(prepared, context);
}
