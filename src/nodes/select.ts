import { join } from 'node:path';
import { z } from 'zod';
import { RestageError } from '../errors.ts';
import type { Inventory } from '../model/inventory.ts';
import type { NodesContext } from './context.ts';
import { eachNode } from './each-node.ts';
import { readNodeFacts } from './facts.ts';
import { findImageByStamp } from './image-store.ts';
import { liveNeeds, NO_FACTS, selectNodes, type LiveFacts, type LiveNeed, type Selection } from './selector.ts';
import { readPower } from './switch.ts';

/** What was typed to choose nodes. */
export interface SelectRequest {
  /** Words of the selector; they are joined with blanks. */
  readonly words?: readonly string[];
  /** `-a`: all nodes first, then the words. */
  readonly all?: boolean;
  /** Taken away from what the words choose; written without `~`. */
  readonly except?: string | undefined;
  /** What no words mean: all nodes, or those of the variable `NODES`, else an error. */
  readonly whenEmpty: 'all' | 'variable';
}

/** How many nodes are looked at or worked on at once, unless `nodes.window` says otherwise. */
const WINDOW = 32;
/** How long a look at one node may take, in ms. */
export const LOOK_LIMIT_MS = 10_000;

/**
 * Resolves what was typed to nodes; looks at the testbed where the selector asks for it (`@on`, `@image=…`).
 *
 * Nodes whose power cannot be read are neither on nor off: they are named in the warnings.
 *
 * @throws {RestageError} what `selectNodes` throws, and `selector/empty` when nothing was typed or nothing is left
 */
export async function resolveSelection(
  request: SelectRequest,
  inventory: Inventory,
  context: NodesContext,
): Promise<Selection> {
  const selector = selectorText(request, inventory, context);
  const needs = liveNeeds(`${selector} ${request.except ?? ''}`, inventory);
  const { facts, unreadable } = await readLiveFacts(needs, inventory, context);
  const options = { prefixes: prefixesOf(inventory, context) };
  const chosen = selectNodes(selector, inventory, options, facts);
  const except = selectNodes(request.except ?? '', inventory, options, facts);
  const taken = new Set(except.nodes.map(({ name }) => name));
  const nodes = chosen.nodes.filter(({ name }) => !taken.has(name));
  const warnings = [...chosen.warnings, ...except.warnings];
  if (unreadable.length > 0) warnings.push(`power unknown, so neither on nor off: ${unreadable.join(' ')}`);
  if (nodes.length > 0) return { nodes, warnings };
  throw new RestageError('selector/empty', `${JSON.stringify(selector)} selects no node`, {
    ...(warnings.length > 0 && { hint: `Look again at the selector: ${warnings.join('; ')}` }),
    details: { selector },
  });
}

/** How many nodes are worked on at once. */
export function windowOf({ configuration }: Pick<NodesContext, 'configuration'>): number {
  const window = Number(configuration.get('nodes', 'window') ?? WINDOW);
  return Number.isInteger(window) && window > 0 ? window : WINDOW;
}

function selectorText(
  { words = [], all = false, whenEmpty }: SelectRequest,
  inventory: Inventory,
  { variables, configuration }: NodesContext,
): string {
  const everything =
    variables['ALL_NODES'] ??
    configuration.get('testbed', 'all_scope') ??
    inventory.nodes.map(({ name }) => name).join(' ');
  if (all) return [everything, ...words].join(' ');
  if (words.length > 0) return words.join(' ');
  if (whenEmpty === 'all') return everything;
  const chosen = variables['NODES']?.trim();
  if (chosen !== undefined && chosen !== '') return chosen;
  throw new RestageError('selector/empty', 'no nodes are given', {
    hint: 'Name some, such as `1-4 fit12`, say -a for all, or set the variable NODES',
  });
}

/** What may stand before a number: the site's two words, and what its names and cards begin with. */
function prefixesOf({ nodes }: Inventory, { configuration }: NodesContext): readonly string[] {
  const names = nodes.flatMap(({ name, power }) => [name as string, ...power.map(({ host }) => host)]);
  const found = names.map((name) => /^([A-Za-z_]+)\d+$/.exec(name)?.[1]).filter((prefix) => prefix !== undefined);
  const configured = [
    configuration.get('testbed', 'regularname') ?? 'fit',
    configuration.get('testbed', 'rebootname') ?? 'reboot',
  ];
  return [...new Set([...configured, ...found])];
}

async function readLiveFacts(
  needs: ReadonlySet<LiveNeed>,
  inventory: Inventory,
  context: NodesContext,
): Promise<{ readonly facts: LiveFacts; readonly unreadable: readonly string[] }> {
  const failed = needs.has('failed') ? await readFailed(context) : NO_FACTS.failed;
  const images = needs.has('image') ? await readImages(inventory, context) : NO_FACTS.images;
  if (!needs.has('power')) return { facts: { ...NO_FACTS, failed, images }, unreadable: [] };
  const on = new Set<string>();
  const off = new Set<string>();
  const unreadable: string[] = [];
  const limits = { window: windowOf(context), limitMs: LOOK_LIMIT_MS };
  const states = await eachNode(
    inventory.nodes,
    limits,
    context,
    async (node, signal) => {
      const answer = await readPower(node, { ...context, signal });
      return answer.ok ? answer.value : 'unknown';
    },
    () => 'unknown' as const,
  );
  for (const [index, { name }] of inventory.nodes.entries()) {
    const state = states[index];
    if (state === 'on') on.add(name);
    else if (state === 'off') off.add(name);
    else unreadable.push(name);
  }
  return { facts: { on, off, images, failed }, unreadable };
}

async function readImages(
  inventory: Inventory,
  context: NodesContext,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const store = await context.store();
  const request = {
    images: undefined,
    check: undefined,
    identify: (stamp: readonly string[]) => findImageByStamp(stamp, store),
  };
  const limits = { window: windowOf(context), limitMs: LOOK_LIMIT_MS };
  const known = await eachNode(
    inventory.nodes,
    limits,
    context,
    async (node, signal) => {
      const { image } = await readNodeFacts(node, request, { ...context, signal });
      return [image.name, image.value].filter((word): word is string => typeof word === 'string');
    },
    () => [],
  );
  return new Map(inventory.nodes.map(({ name }, index) => [name, known[index] ?? []]));
}

const LastRun = z.object({ failed: z.array(z.string()) });

/** Where the result of this user's last run is kept, for `@failed`. */
export function lastRunPath({ nodesState, host }: Pick<NodesContext, 'nodesState' | 'host'>): string {
  return join(nodesState, 'last', `${host.user}.json`);
}

async function readFailed(context: NodesContext): Promise<ReadonlySet<string>> {
  const text = await context.files.readIfExists(lastRunPath(context));
  return new Set(text === undefined ? [] : (LastRun.safeParse(JSON.parse(text)).data?.failed ?? []));
}
