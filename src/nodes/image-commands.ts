import type { ImageEntry } from '../model/image.ts';
import type { NodeResult } from '../model/node.ts';
import { changeNodes } from './change.ts';
import type { NodesContext } from './context.ts';
import { eachNode } from './each-node.ts';
import { readNodeFacts } from './facts.ts';
import { nodesNamed } from './find-inventory.ts';
import { findImageByStamp, listImages, resolveImage } from './image-store.ts';
import { loadImage } from './load-image.ts';
import type { Limits } from './look-commands.ts';
import { imageText, imageTexts } from './plan.ts';
import { windowOf } from './select.ts';

/** The commands that list images and put them on disks. */
export function imageCommands(context: NodesContext) {
  return {
    images: async () => listImages(await context.store()),

    async resolve(text: string): Promise<ImageEntry> {
      const store = await context.store();
      const { name } = await resolveImage(text, store);
      const entry = (await listImages(store)).find((image) => image.name === name);
      if (entry) return entry;
      throw new Error(`the image ${name} has gone meanwhile`);
    },

    planLoad: (names: readonly string[], image: string, limits: Limits) => planLoad(names, image, limits, context),

    async load(
      names: readonly string[],
      image: string,
      { limitMs }: Limits,
      report: (result: NodeResult) => void,
    ): Promise<readonly NodeResult[]> {
      const { nodes, inventory } = await nodesNamed(names, context);
      const store = await context.store();
      const found = await resolveImage(image, store);
      const stream = async () => {
        const blob = await store.readBlob(found.image);
        if (!blob) throw new Error(`the store has lost ${found.image}`);
        return blob.stream;
      };
      const wanted = { image: found.image, name: found.name, size: found.size, stream };
      return changeNodes(
        'load',
        nodes,
        inventory,
        limitMs,
        context,
        async (node, run, bound) => {
          const answer = await loadImage(node, wanted, 'on', run, inventory, bound);
          return answer.ok ? { ok: true, value: { power: 'on', image: found.name, changed: true } } : answer;
        },
        report,
      );
    },
  };
}

async function planLoad(names: readonly string[], image: string, limits: Limits, context: NodesContext) {
  const { nodes } = await nodesNamed(names, context);
  const store = await context.store();
  const found = await resolveImage(image, store);
  const identify = (stamp: readonly string[]) => findImageByStamp(stamp, store);
  const wanted = { value: found.image, name: found.name, how: 'stamp' } as const;
  return eachNode(
    nodes,
    { window: windowOf(context), limitMs: limits.limitMs },
    context,
    async (node, signal) => {
      const request = { images: undefined, check: undefined, identify };
      const facts = await readNodeFacts(node, request, { ...context, signal });
      const [from, to] = imageTexts(facts.image, wanted);
      const isSame = facts.image.value === found.image;
      return {
        node: node.name,
        from: isSame ? imageText(wanted) : from,
        to: isSame ? imageText(wanted) : to,
        bytes: found.size,
      };
    },
    ({ name }) => ({ node: name, from: 'unknown', to: imageText(wanted), bytes: found.size }),
  );
}
