import { describe } from 'vitest';
import { LAYER_KINDS } from '../../src/model/id.ts';
import { jsonFileLayer } from '../rig/layers.ts';
import { snapshotRig } from '../rig/snapshots.ts';
import { layerContract } from './layer-contract.ts';

describe.each(LAYER_KINDS)('the layer of the rig, as %s', (kind) => {
  layerContract(jsonFileLayer(kind), async () => {
    const rig = await snapshotRig();
    const empty = await snapshotRig();
    rig.write(kind, { a: 'one', b: 'two', gone: 'three', huge: 'big: not kept' });
    return {
      context: rig.context,
      nowhere: empty.context,
      change: () => {
        rig.write(kind, { a: 'one', b: 'changed', added: 'new', huge: 'big: not kept' });
      },
      [Symbol.asyncDispose]: async () => {
        await rig[Symbol.asyncDispose]();
        await empty[Symbol.asyncDispose]();
      },
    };
  });
});
