import { describe } from 'vitest';
import type { Store } from '../../../src/store/contract.ts';
import type { OpenStore, StoreEngine } from '../../../src/store/engines/contract.ts';
import { storeEngines } from '../../../src/store/engines/list.ts';
import { testContext } from '../../rig/context.ts';
import { temporaryDirectory } from '../../rig/temporary-directory.ts';
import { storeContract } from '../contract.ts';
import type { StoreRig } from '../contract/rig.ts';

describe.each(storeEngines)('the engine $id', (engine) => {
  storeContract(() => startStore(engine));
});

async function startStore(engine: StoreEngine): Promise<StoreRig> {
  const directory = temporaryDirectory();
  let ahead = 0;
  const { clock } = testContext();
  const context = testContext({ clock: { ...clock, now: () => Date.now() + ahead } });
  const opened: Store[] = [];
  const open = async (mode: OpenStore['mode']) => {
    const store = await engine.open({ directory: `${directory.path}/.restage`, mode }, context);
    opened.push(store);
    return store;
  };
  return {
    store: await open('create'),
    ...(engine.id !== 'memory' && { another: () => open('write') }),
    pass: (ms) => {
      ahead += ms;
    },
    abort: context.abort,
    [Symbol.asyncDispose]: async () => {
      for (const store of opened) await store.close();
      directory[Symbol.dispose]();
    },
  };
}
