import { openData, type Data } from '../../src/data/open-data.ts';
import type { Configuration } from '../../src/model/config.ts';
import { mergeConfiguration } from '../../src/model/configuration.ts';
import { parseIni } from '../../src/model/ini.ts';
import type { Context } from '../../src/platform/context.ts';
import type { Store } from '../../src/store/contract.ts';
import type { StoreEngine } from '../../src/store/engines/contract.ts';
import { memory } from '../../src/store/engines/memory.ts';
import { testContext, type TestContext } from './context.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A data wing over a store of its own. Gone when disposed. */
export interface DataRig extends AsyncDisposable {
  readonly data: Data;
  readonly store: Store;
  readonly context: TestContext;
  /** A directory of the rig's own. */
  readonly path: string;
  /** Puts text into a stream and answers the version. */
  readonly put: (stream: string, text: string) => Promise<string>;
  /** The content of `STREAM[@VERSION]` as text. */
  readonly get: (text: string) => Promise<string>;
}

/** How a rig may differ from the usual one: what `restage.conf` says, and the engine of the store. */
export interface DataRigOptions {
  readonly conf?: string;
  readonly engine?: StoreEngine;
  readonly effects?: Partial<Context>;
}

/** Makes one. */
export async function dataRig({ conf = '', engine = memory, effects = {} }: DataRigOptions = {}): Promise<DataRig> {
  const directory = temporaryDirectory();
  const context = testContext(effects);
  const store = await engine.open({ directory: `${directory.path}/.restage`, mode: 'create' }, context);
  const data = openData({ ...context, store, configuration: configurationOf(conf) });
  return {
    ...{ data, store, context, path: directory.path },
    put: async (stream, text) => (await data.put({ puts: [{ stream, source: Buffer.from(text) }] })).version,
    get: async (text) => (await (await data.get(text)).member.bytes()).toString(),
    [Symbol.asyncDispose]: async () => {
      await store.close();
      directory[Symbol.dispose]();
    },
  };
}

/** What a `restage.conf` with this text says. */
export function configurationOf(text: string): Configuration {
  const entries = parseIni(text, 'restage.conf').map(({ line, ...entry }) => ({
    ...entry,
    origin: `restage.conf:${line}`,
  }));
  return mergeConfiguration([{ kind: 'file', entries }], 'lab');
}

/** The first items of what never ends. */
export async function firstOf<Item>(items: AsyncIterable<Item>, count: number): Promise<readonly Item[]> {
  const found: Item[] = [];
  if (count === 0) return found;
  for await (const item of items) if (found.push(item) >= count) break;
  return found;
}
