import type { Digest } from '../model/id.ts';
import { compareNodes, type ImageFact, type NodeFacts, type NodesLayerBody, type PowerState } from '../model/node.ts';
import type { LayerPlan, PlanStep, Remark } from '../model/plan.ts';
import type { PlanRequest } from '../snapshot/layer.ts';

/** One change to one node. */
export type NodeStep = PlanStep &
  (
    | { readonly action: 'power'; readonly node: string; readonly to: PowerState }
    | { readonly action: 'outlet'; readonly node: string; readonly outlet: string; readonly to: PowerState }
    | {
        readonly action: 'image';
        readonly node: string;
        readonly image: Digest;
        readonly name?: string;
        /** How the node is left. */
        readonly power: PowerState;
      }
  );

/** What a plan for one node adds to the whole. */
interface Draft {
  readonly steps: NodeStep[];
  readonly impossible: Remark[];
  readonly left: Remark[];
}

const LEAVE_OUT = 'Leave it out with --except, or load power alone with --only-power';

/**
 * The steps that make the nodes of `have` like those of `want`; in the order of the nodes, an image before outlets.
 *
 * What cannot be done is in `impossible`: content that the store does not hold, a disk that no agent here can write, a
 * node whose power nobody knows or that the inventory does not have. What is unknown on both sides is `left`.
 */
export function planNodes(have: NodesLayerBody, want: NodesLayerBody, request: PlanRequest): LayerPlan<NodeStep> {
  const draft: Draft = { steps: [], impossible: [], left: [] };
  const isPart = request.settings.nodes !== undefined || request.settings.except !== undefined;
  for (const node of Object.keys({ ...have.nodes, ...want.nodes }).sort(compareNodes)) {
    const [present, wanted] = [have.nodes[node], want.nodes[node]];
    if (present && wanted) planNode(node, present, wanted, request, draft);
    else if (wanted && !isPart)
      draft.impossible.push({ item: node, why: 'it is not in the inventory', hint: LEAVE_OUT });
    else if (present && request.settings.others === 'off') planOff(node, present, draft);
  }
  return draft;
}

/** How an image is named to people: its name, else the first digits of its id. */
export function imageText({ value, name }: ImageFact): string {
  if (value === null) return name === undefined ? 'unknown' : `unknown (says ${name})`;
  return name ?? shortId(value);
}

/** The first digits of an id. */
export function shortId(id: Digest): string {
  return id.slice('sha256:'.length, 'sha256:'.length + 12);
}

/** Two images for people, told apart where they have one name. */
export function imageTexts(from: ImageFact, to: ImageFact): readonly [string, string] {
  const texts = [imageText(from), imageText(to)] as const;
  if (texts[0] !== texts[1]) return texts;
  const marked = (fact: ImageFact) =>
    fact.value === null ? imageText(fact) : `${imageText(fact)} (${shortId(fact.value)})`;
  return [marked(from), marked(to)];
}

function planOff(node: string, { power }: NodeFacts, draft: Draft): void {
  if (power.value === 'off') return;
  if (power.value === null) draft.impossible.push({ item: node, why: 'its power is unknown', hint: LEAVE_OUT });
  else draft.steps.push({ layer: 'nodes', phase: 'apply', action: 'power', item: node, node, from: 'on', to: 'off' });
}

function planNode(node: string, have: NodeFacts, want: NodeFacts, request: PlanRequest, draft: Draft): void {
  const power = want.power.value ?? have.power.value;
  const image = request.settings.onlyPower === true ? undefined : wantedImage(node, have, want, request, draft);
  if (power === null) {
    const why = 'its power is unknown';
    if (image) draft.impossible.push({ item: node, why, hint: LEAVE_OUT });
    else draft.left.push({ item: node, why });
    return;
  }
  if (have.power.value === null) {
    draft.impossible.push({ item: node, why: 'its power is unknown: its card does not answer', hint: LEAVE_OUT });
    return;
  }
  if (want.power.value === null) draft.left.push({ item: node, why: 'the snapshot does not know its power' });
  const step = { layer: 'nodes', phase: 'apply', item: node, node } as const;
  if (image) {
    const [from, to] = imageTexts(have.image, want.image);
    draft.steps.push({
      ...{ ...step, action: 'image', from, to, image, power },
      ...(want.image.name !== undefined && { name: want.image.name }),
    });
  } else if (have.power.value !== power) {
    draft.steps.push({ ...step, action: 'power', from: have.power.value, to: power });
  }
  planOutlets(node, have, want, draft);
}

function wantedImage(
  node: string,
  have: NodeFacts,
  want: NodeFacts,
  { available, settings }: PlanRequest,
  draft: Draft,
): Digest | undefined {
  const { value } = want.image;
  if (value === null) {
    const remark = { item: node, why: 'the snapshot does not know its image' };
    if (have.image.value === null) draft.left.push(remark);
    else draft.impossible.push({ ...remark, hint: LEAVE_OUT });
    return undefined;
  }
  if (have.image.value === value && settings.check !== 'never') return undefined;
  if (!available.has(value)) {
    const why = `the content of its image ${imageText(want.image)} (${shortId(value)}) is not held`;
    draft.impossible.push({ item: node, why, hint: LEAVE_OUT });
  } else if (have.disk?.how === 'unknown') {
    draft.impossible.push({ item: node, why: 'no agent here can write its disk', hint: LEAVE_OUT });
  } else {
    return value;
  }
  return undefined;
}

function planOutlets(node: string, have: NodeFacts, want: NodeFacts, draft: Draft): void {
  for (const outlet of Object.keys(want.outlets).sort()) {
    const [from, to] = [have.outlets[outlet]?.value, want.outlets[outlet]?.value];
    const item = `${node} ${outlet}`;
    if (to === null || to === undefined || from === to) continue;
    if (from === undefined) draft.impossible.push({ item, why: 'the inventory has no such outlet', hint: LEAVE_OUT });
    else if (from === null) draft.impossible.push({ item, why: 'its state is unknown', hint: LEAVE_OUT });
    else draft.steps.push({ layer: 'nodes', phase: 'apply', action: 'outlet', item, node, outlet, from, to });
  }
}
