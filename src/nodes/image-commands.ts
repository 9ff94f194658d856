import type { ImageEntry } from '../model/image.ts';
import type { InventoryNode } from '../model/inventory.ts';
import type { NodeFacts, NodeResult } from '../model/node.ts';
import type { LayerSettings } from '../model/request.ts';
import type { Store } from '../store/contract.ts';
import { changeNodes } from './change.ts';
import type { NodesContext } from './context.ts';
import { eachNode } from './each-node.ts';
import { readNodeFacts } from './facts.ts';
import { nodesNamed } from './find-inventory.ts';
import { findImageByStamp, listImages, resolveImage, type FoundImage } from './image-store.ts';
import { loadImage, type WantedImage } from './load-image.ts';
import type { Limits } from './look-commands.ts';
import { imageText, imageTexts } from './plan.ts';
import { windowOf } from './select.ts';

/** How a load of one image goes about it. */
export interface LoadOptions extends Limits {
  /** How sure a disk must be to be left alone; `never`: all are written. `stamp` if absent. */
  readonly check?: LayerSettings['check'];
}

/** The commands that list images and put them on disks. */
export function imageCommands(setup: NodesContext) {
  return {
    images: async () => listImages(await setup.store()),

    resolve: async (text: string) => findEntry(text, await setup.store()),

    async planLoad(names: readonly string[], image: string, options: LoadOptions) {
      const { nodes, context } = await nodesNamed(names, setup);
      const store = await context.store();
      const found = await resolveImage(image, store);
      return eachNode(
        nodes,
        { window: windowOf(context), limitMs: options.limitMs },
        context,
        async (node, signal) => {
          const facts = await readDisk(node, options, store, { ...context, signal });
          return {
            node: node.name,
            ...textsOf(facts, found),
            isRight: isRight(facts, found, options),
            bytes: found.size,
          };
        },
        ({ name }) => ({ node: name, from: 'unknown', to: found.name, isRight: false, bytes: found.size }),
      );
    },

    async load(
      names: readonly string[],
      image: string,
      options: LoadOptions,
      report: (result: NodeResult) => void,
    ): Promise<readonly NodeResult[]> {
      const { nodes, inventory, context } = await nodesNamed(names, setup);
      const store = await context.store();
      const found = await resolveImage(image, store);
      const wanted = wantedImage(found, store);
      return changeNodes(
        'load',
        nodes,
        inventory,
        options.limitMs,
        context,
        async (node, run, bound) => {
          const done = { power: 'on', image: found.name } as const;
          if (isRight(await readDisk(node, options, store, bound), found, options)) {
            return { ok: true, value: { ...done, changed: false } };
          }
          const answer = await loadImage(node, wanted, 'on', run, inventory, bound);
          return answer.ok ? { ok: true, value: { ...done, changed: true } } : answer;
        },
        report,
      );
    },
  };
}

async function findEntry(text: string, store: Store): Promise<ImageEntry> {
  const { name } = await resolveImage(text, store);
  const entry = (await listImages(store)).find((image) => image.name === name);
  if (entry) return entry;
  throw new Error(`the image ${name} has gone meanwhile`);
}

async function readDisk(
  node: InventoryNode,
  { check }: LoadOptions,
  store: Store,
  context: NodesContext,
): Promise<NodeFacts> {
  const identify = (stamp: readonly string[]) => findImageByStamp(stamp, store);
  return readNodeFacts(node, { images: undefined, check, identify }, context);
}

/** Whether a node needs nothing: it is on, and its disk is known to hold the image. */
function isRight({ power, image }: NodeFacts, found: FoundImage, { check }: LoadOptions): boolean {
  if (check === 'never' || power.value !== 'on' || image.value !== found.image) return false;
  return image.how === 'observed' || (image.how === 'stamp' && check !== 'blocks');
}

function textsOf({ image }: NodeFacts, { image: value, name }: FoundImage) {
  const wanted = { value, name, how: 'stamp' } as const;
  const [from, to] = image.value === value ? [imageText(wanted), imageText(wanted)] : imageTexts(image, wanted);
  return { from, to };
}

function wantedImage({ image, name, size }: FoundImage, store: Store): WantedImage {
  const stream = async () => {
    const blob = await store.readBlob(image);
    if (!blob) throw new Error(`the store has lost ${image}`);
    return blob.stream;
  };
  return { image, name, size, stream };
}
