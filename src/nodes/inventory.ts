import type { z } from 'zod';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node as YamlNode } from 'yaml';
import { RestageError } from '../errors.ts';
import type { NodeId } from '../model/id.ts';
import { InventoryFile, RemoteSettings, type Inventory, type InventoryNode } from '../model/inventory.ts';
import { RhubarbeInventory, rhubarbeNode } from './read/rhubarbe-inventory.ts';

/** A node, and the line of the file where it begins. */
interface PlacedNode {
  readonly node: InventoryNode;
  readonly line: number;
}

/** The document and what says on which line a part of it stands. */
interface Parsed {
  readonly root: YamlNode | null;
  readonly lineOf: (part: unknown) => number;
}

/**
 * Reads an inventory: ours (YAML), or rhubarbe's (a JSON list).
 *
 * @param origin - the path of the file, for messages
 * @returns its nodes, ascending by number; MAC addresses in lower case
 * @throws {RestageError} `inventory/malformed` for what cannot be read, with the line where there is one
 * @throws {RestageError} `inventory/duplicate` for a name, number or MAC address that two nodes have, with both lines
 */
export function parseInventory(text: string, origin: string): Inventory {
  const parsed = parseYaml(text, origin);
  const { testbed, groups, nodes } = isSeq(parsed.root) ? readRhubarbe(parsed, origin) : readOurs(parsed, origin);
  refuseDuplicates(nodes, origin);
  const sorted = nodes.map(({ node }) => node).sort((a, b) => a.number - b.number);
  return { testbed, origin, nodes: sorted, groups: new Map(Object.entries(groups)) };
}

function parseYaml(text: string, origin: string): Parsed {
  const lines = new LineCounter();
  // Equal keys are looked for by ourselves: the message must name both lines.
  const document = parseDocument(text, { uniqueKeys: false, lineCounter: lines });
  const [first] = document.errors;
  if (first) {
    const line = lines.linePos(first.pos[0]).line;
    throw malformed(origin, `line ${line}: ${first.message.split('\n')[0]?.replace(/ at line.*$/, '') ?? ''}`);
  }
  const lineOf = (part: unknown) => {
    const start = (part as { readonly range?: readonly number[] | null } | null)?.range?.[0];
    return start === undefined ? 0 : lines.linePos(start).line;
  };
  return { root: document.contents, lineOf };
}

function readOurs(
  { root, lineOf }: Parsed,
  origin: string,
): Pick<InventoryFile, 'testbed' | 'groups'> & { readonly nodes: readonly PlacedNode[] } {
  if (!isMap(root)) throw malformed(origin, 'it is neither a map nor a list of nodes');
  const map = root.get('nodes', true);
  if (!isMap(map)) throw malformed(origin, 'there is no map of nodes in it');
  const lineByName = new Map<string, number>();
  for (const { key } of map.items) {
    const name = isScalar(key) ? String(key.value) : '';
    const line = lineOf(key);
    refuse(lineByName, 'name', name, line, origin);
  }
  const file = read(InventoryFile, root.toJSON(), origin);
  const nodes = Object.entries(file.nodes).map(([name, item]) => ({
    node: completeNode(name, item, file.defaults),
    line: lineByName.get(name) ?? 0,
  }));
  return { testbed: file.testbed, groups: file.groups, nodes };
}

function completeNode(
  name: string,
  item: InventoryFile['nodes'][string],
  defaults: InventoryFile['defaults'],
): InventoryNode {
  const { host = name, ip, mac } = item.control ?? {};
  return {
    name: name as NodeId,
    number: item.number,
    control: { host, ip, mac: mac?.toLowerCase() },
    power: item.power,
    outlets: item.outlets,
    ssh: RemoteSettings.parse({ ...defaults.ssh, ...item.ssh }),
    agent: item.agent ?? defaults.agent ?? 'restage',
    boot: item.boot ?? defaults.boot ?? [],
    disk: item.disk ?? defaults.disk ?? '/dev/sda',
    arch: item.arch ?? defaults.arch ?? 'x86_64',
  };
}

function readRhubarbe({ root, lineOf }: Parsed, origin: string) {
  if (!isSeq(root)) throw malformed(origin, 'it is no list');
  const items = read(RhubarbeInventory, root.toJSON(), origin);
  const nodes = items.map((item, index) => {
    const node = rhubarbeNode(item);
    const line = lineOf(root.items[index]);
    if (node) return { node, line };
    throw malformed(origin, `line ${line}: no number in the name of the card ${item.cmc.hostname}`);
  });
  return { testbed: 'testbed', groups: {}, nodes };
}

function refuseDuplicates(nodes: readonly PlacedNode[], origin: string): void {
  const seen = { name: new Map<string, number>(), number: new Map<string, number>(), MAC: new Map<string, number>() };
  for (const { node, line } of nodes) {
    refuse(seen.name, 'name', node.name, line, origin);
    refuse(seen.number, 'number', String(node.number), line, origin);
    if (node.control.mac !== undefined) refuse(seen.MAC, 'MAC address', node.control.mac, line, origin);
  }
}

function refuse(seen: Map<string, number>, what: string, value: string, line: number, origin: string): void {
  const earlier = seen.get(value);
  if (earlier !== undefined) {
    throw new RestageError(
      'inventory/duplicate',
      `two nodes have the ${what} ${value}: lines ${earlier} and ${line} of ${origin}`,
      { details: { origin, what, value, lines: [earlier, line] } },
    );
  }
  seen.set(value, line);
}

function read<Schema extends z.ZodType>(schema: Schema, value: unknown, origin: string): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join('.') ?? '';
  throw malformed(origin, `${where === '' ? '' : `${where}: `}${issue?.message ?? ''}`);
}

function malformed(origin: string, why: string): RestageError {
  return new RestageError('inventory/malformed', `cannot read the inventory ${origin}: ${why}`, {
    details: { origin },
  });
}
