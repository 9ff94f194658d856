import { compareNodes, type NodeFacts, type NodesLayerBody } from '../model/node.ts';
import type { Difference } from '../model/plan.ts';
import type { Description } from '../snapshot/layer.ts';
import { imageText, imageTexts } from './plan.ts';

/** Every difference between two captures: which nodes there are, their power, outlets and images. */
export function diffNodes(from: NodesLayerBody, to: NodesLayerBody): readonly Difference[] {
  return Object.keys({ ...from.nodes, ...to.nodes })
    .sort(compareNodes)
    .flatMap((node): Difference[] => {
      const [before, after] = [from.nodes[node], to.nodes[node]];
      if (before && after) return diffNode(node, before, after);
      return [{ layer: 'nodes', change: before ? 'removed' : 'added', type: 'node', item: node }];
    });
}

/** One line, and a row for each node. */
export function describeNodes({ nodes, whole }: NodesLayerBody): Description {
  const names = Object.keys(nodes).sort(compareNodes);
  const all = names.map((name) => nodes[name]).filter((facts) => facts !== undefined);
  const on = all.filter(({ power }) => power.value === 'on').length;
  const unknown = all.filter(({ power }) => power.value === null).length;
  const images = new Set(all.map(({ image }) => image.value).filter((value) => value !== null)).size;
  const parts = [
    `${counted(all.length, 'node')}${whole ? '' : ' of more'}`,
    `${on} on`,
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
    counted(images, 'image'),
  ];
  return {
    headline: parts.join(', '),
    columns: ['node', 'power', 'image', 'known by', 'kernel', 'outlets'],
    rows: names.map((name) => row(name, nodes[name])),
  };
}

function row(name: string, facts: NodeFacts | undefined): readonly string[] {
  if (!facts) return [name];
  const outlets = Object.entries(facts.outlets).filter(([, { value }]) => value !== 'off');
  return [
    name,
    facts.power.value ?? `unknown (${facts.power.why})`,
    imageText(facts.image),
    facts.image.value === null ? facts.image.why : facts.image.how,
    facts.boot?.kernel ?? '',
    outlets.map(([outlet, { value }]) => `${outlet} ${value ?? 'unknown'}`).join(', '),
  ];
}

function diffNode(node: string, from: NodeFacts, to: NodeFacts): Difference[] {
  const differences: Difference[] = [];
  const add = (type: string, item: string, before: string, after: string) =>
    differences.push({ layer: 'nodes', change: 'changed', type, item, from: before, to: after });
  if (from.power.value !== to.power.value)
    add('power', node, from.power.value ?? 'unknown', to.power.value ?? 'unknown');
  if (from.image.value !== to.image.value) add('image', node, ...imageTexts(from.image, to.image));
  for (const outlet of Object.keys({ ...from.outlets, ...to.outlets }).sort()) {
    const [before, after] = [from.outlets[outlet]?.value, to.outlets[outlet]?.value];
    if (before !== after) add('outlet', `${node} ${outlet}`, outletText(before), outletText(after));
  }
  return differences;
}

function outletText(value: string | null | undefined): string {
  return value === undefined ? 'none' : (value ?? 'unknown');
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
