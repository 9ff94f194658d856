import { RestageError } from '../errors.ts';
import type { Inventory, InventoryNode } from '../model/inventory.ts';

/** What of the live testbed a selector may ask for. Names of nodes by what they are. */
export interface LiveFacts {
  readonly on: ReadonlySet<string>;
  readonly off: ReadonlySet<string>;
  /** Names and ids of the image that a node holds, by node. */
  readonly images: ReadonlyMap<string, readonly string[]>;
  /** The nodes that failed in this user's last run. */
  readonly failed: ReadonlySet<string>;
}

/** What of `LiveFacts` has to be known before a selector can be resolved. */
export type LiveNeed = 'power' | 'image' | 'failed';

/** The chosen nodes, ascending by number, each once, and what a person should know about the text. */
export interface Selection {
  readonly nodes: readonly InventoryNode[];
  readonly warnings: readonly string[];
}

/** How names are written: what may stand before a number and is deleted. */
export interface SelectorOptions {
  /** Such as `fit` and `reboot`. */
  readonly prefixes: readonly string[];
}

/** One item of a selector. */
type Item =
  | { readonly is: 'names'; readonly names: ReadonlySet<string> }
  | { readonly is: 'range'; readonly first: number; readonly last: number; readonly step: number }
  | { readonly is: 'live'; readonly need: LiveNeed; readonly word: string };

/** A term: an item that is put in, or taken away with `~`. */
interface Term {
  readonly removes: boolean;
  readonly text: string;
  readonly item: Item;
}

/** Nothing is known of the testbed: enough for a selector without `@on` and the like. */
export const NO_FACTS: LiveFacts = { on: new Set(), off: new Set(), images: new Map(), failed: new Set() };

/** How deep groups may name groups. */
const GROUP_DEPTH = 8;

/** Which facts of the testbed a selector asks for. Never throws: what cannot be read asks for nothing. */
export function liveNeeds(selector: string, inventory: Inventory): ReadonlySet<LiveNeed> {
  const needs = new Set<LiveNeed>();
  const visit = (text: string, depth: number) => {
    for (const word of words(text).map((item) => item.replace(/^~/, ''))) {
      const need = liveNeed(word);
      if (need) needs.add(need);
      const group = word.startsWith('@') ? inventory.groups.get(word.slice(1)) : undefined;
      if (group !== undefined && depth < GROUP_DEPTH) visit(group, depth + 1);
    }
  };
  visit(selector, 0);
  return needs;
}

/**
 * Resolves a selector, such as `1-12 fit15-reboot18 ~4-6 @usrp ~@off`.
 *
 * Terms stand at blanks or commas, are read from left to right and start from nothing; `~` takes away, also what is
 * not there. An item is, tried in this order: the exact name of a node; `@on`, `@off`, `@failed`, `@image=NAME` (or the
 * beginning of an id); `@group`; a number, `A-B` or `A-B-STEP`, where each number may have a prefix that is deleted.
 * A range may have holes; one that runs backwards selects nothing and is warned about.
 *
 * @throws {RestageError} `selector/syntax` for what cannot be read: too many numbers, step 0, the name of an image
 * @throws {RestageError} `selector/unknown-node` for a single number or a group that the inventory does not have
 */
export function selectNodes(
  selector: string,
  inventory: Inventory,
  options: SelectorOptions,
  facts: LiveFacts = NO_FACTS,
): Selection {
  const warnings: string[] = [];
  const chosen = new Set<string>();
  for (const { removes, text, item } of parseTerms(selector, inventory, options, 0)) {
    if (item.is === 'range' && item.first > item.last) warnings.push(`${text} runs backwards and selects nothing`);
    for (const node of inventory.nodes) {
      if (!matches(item, node, facts)) continue;
      if (removes) chosen.delete(node.name);
      else chosen.add(node.name);
    }
  }
  return { nodes: inventory.nodes.filter(({ name }) => chosen.has(name)), warnings };
}

function words(selector: string): string[] {
  return selector.split(/[\s,]+/).filter((text) => text !== '');
}

function parseTerms(selector: string, inventory: Inventory, options: SelectorOptions, depth: number): Term[] {
  return words(selector).map((text) => {
    const removes = text.startsWith('~');
    return { removes, text, item: parseItem(removes ? text.slice(1) : text, removes, inventory, options, depth) };
  });
}

function parseItem(
  word: string,
  removes: boolean,
  inventory: Inventory,
  options: SelectorOptions,
  depth: number,
): Item {
  if (inventory.nodes.some(({ name }) => name === word)) return { is: 'names', names: new Set([word]) };
  const need = liveNeed(word);
  if (need) return { is: 'live', need, word };
  if (word.startsWith('@')) return { is: 'names', names: groupMembers(word.slice(1), inventory, options, depth) };
  return parseRange(word, removes, inventory, options);
}

function groupMembers(
  group: string,
  inventory: Inventory,
  options: SelectorOptions,
  depth: number,
): ReadonlySet<string> {
  const selector = inventory.groups.get(group);
  if (selector === undefined || depth >= GROUP_DEPTH) {
    const groups = [...inventory.groups.keys()].sort().map((name) => `@${name}`);
    throw new RestageError('selector/unknown-node', `no group @${group}`, {
      hint: `Use ${[...groups, '@on', '@off', '@failed', '@image=NAME'].join(', ')}`,
      details: { group, groups },
    });
  }
  const chosen = new Set<string>();
  for (const { removes, item } of parseTerms(selector, inventory, options, depth + 1)) {
    for (const node of inventory.nodes) {
      if (!matches(item, node, NO_FACTS)) continue;
      if (removes) chosen.delete(node.name);
      else chosen.add(node.name);
    }
  }
  return chosen;
}

function parseRange(word: string, removes: boolean, inventory: Inventory, { prefixes }: SelectorOptions): Item {
  const numbers = word.split('-').map((piece, index) => parseNumber(piece, index < 2 ? prefixes : []));
  const [first, last = first, step = 1] = numbers;
  if (first === undefined || last === undefined || numbers.includes(undefined)) throw noNode(word);
  if (numbers.length > 3) throw syntax(word, 'it has more than three numbers');
  if (step === 0) throw syntax(word, 'its step is 0');
  if (numbers.length === 1 && !removes && !inventory.nodes.some(({ number }) => number === first)) {
    throw new RestageError('selector/unknown-node', `no node ${JSON.stringify(word)} in ${inventory.origin}`, {
      details: { word },
    });
  }
  return { is: 'range', first, last, step };
}

function parseNumber(piece: string, prefixes: readonly string[]): number | undefined {
  const [, prefix = '', digits] = /^([A-Za-z_]*)(\d{1,9})$/.exec(piece) ?? [];
  if (digits === undefined || (prefix !== '' && !prefixes.includes(prefix))) return undefined;
  return Number(digits);
}

function liveNeed(word: string): LiveNeed | undefined {
  if (word === '@on' || word === '@off') return 'power';
  if (word.startsWith('@image=')) return 'image';
  return word === '@failed' ? 'failed' : undefined;
}

function matches(item: Item, node: InventoryNode, facts: LiveFacts): boolean {
  switch (item.is) {
    case 'names':
      return item.names.has(node.name);
    case 'range':
      // The inventory is walked and not the range: `1-999999999` must not cost more than `1-9`.
      return node.number >= item.first && node.number <= item.last && (node.number - item.first) % item.step === 0;
    case 'live':
      return matchesLive(item.word, node.name, facts);
  }
}

function matchesLive(word: string, name: string, { on, off, images, failed }: LiveFacts): boolean {
  if (word === '@on') return on.has(name);
  if (word === '@off') return off.has(name);
  if (word === '@failed') return failed.has(name);
  const wanted = word.slice('@image='.length);
  return (images.get(name) ?? []).some(
    (known) => known === wanted || (/^(sha256:)?[0-9a-f]{4,}$/.test(wanted) && hex(known).startsWith(hex(wanted))),
  );
}

function hex(id: string): string {
  return id.replace(/^sha256:/, '');
}

function noNode(word: string): RestageError {
  const text = JSON.stringify(word);
  if (word.toLowerCase() === 'all')
    return new RestageError('selector/unknown-node', `no node ${text}`, {
      hint: 'Say -a for all nodes',
      details: { word },
    });
  // What has a letter may well be an image whose -i was forgotten.
  if (!/[A-Za-z]/.test(word)) return syntax(word, 'it is no number and no range');
  return new RestageError('selector/unknown-node', `no node ${text}; did you mean -i ${word}?`, { details: { word } });
}

function syntax(word: string, why: string): RestageError {
  return new RestageError('selector/syntax', `cannot read ${JSON.stringify(word)}: ${why}`, { details: { word } });
}
