import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Inventory, InventoryNode } from '../model/inventory.ts';
import type { Json } from '../model/json.ts';
import { timeText } from '../model/time.ts';
import type { NodesContext } from './context.ts';
import { Owner, ownerOf, sweepLocks } from './locks.ts';

/** What a run does to a node; each is journalled before it is done. */
export type RunOperation = 'arm' | 'disarm' | 'power' | 'write' | 'outlet';

/** A run: the write-ahead journal of one verb, `runs/RUN.jsonl`. */
export interface Run {
  readonly id: string;
  /** Performs an effect: intent durable first, then the effect, then what came of it. */
  perform<Value extends { readonly ok: boolean }>(
    node: string,
    op: RunOperation,
    args: Readonly<Record<string, Json>>,
    effect: () => Promise<Value>,
  ): Promise<Value>;
  /** Says that nothing is left to be done or undone. */
  end(): Promise<void>;
}

/** What a sweep found of runs that ended without saying so. */
export interface SweepReport {
  readonly runs: readonly string[];
  /** Nodes whose disk was being written. */
  readonly halfWritten: readonly string[];
  /** Nodes whose boot entry was taken away. */
  readonly disarmed: readonly string[];
  readonly freed: readonly string[];
}

const RunHead = z.object({ run: z.string(), verb: z.string(), owner: Owner });

const RunLine = z.object({ node: z.string(), op: z.string(), phase: z.enum(['intent', 'done', 'failed', 'undone']) });

/** Opens a run with a name of its own. */
export async function openRun(verb: string, plan: Json, context: NodesContext): Promise<Run> {
  const { files, journals, clock, host, random, nodesState } = context;
  const id = `r-${random.hex(4)}`;
  await files.makeDirectory(join(nodesState, 'runs'));
  const journal = await journals.open(runPath(id, context));
  let seq = 0;
  const line = (record: Readonly<Record<string, Json>>) =>
    journal.append({ v: 1, seq: seq++, at: timeText(clock.now()), run: id, ...record });
  await line({ verb, plan, owner: { ...ownerOf(host) } });
  return {
    id,
    async perform(node, op, args, effect) {
      await line({ node, op, phase: 'intent', args });
      const answer = await effect();
      await line({ node, op, phase: answer.ok ? 'done' : 'failed' });
      return answer;
    },
    end: () => line({ end: true }),
  };
}

/**
 * Finishes the runs whose process is gone: takes their boot entries and locks away and reports disks that were being
 * written. Every verb that changes nodes sweeps first; a run that was swept is never swept again.
 */
export async function sweepRuns(inventory: Inventory, context: NodesContext): Promise<SweepReport> {
  const { files, journals, nodesState, ownerState } = context;
  const report = { runs: [] as string[], halfWritten: [] as string[], disarmed: [] as string[] };
  for (const { name } of await files.list(join(nodesState, 'runs'))) {
    if (!name.endsWith('.jsonl')) continue;
    const path = join(nodesState, 'runs', name);
    const records = await journals.read(path);
    const head = RunHead.safeParse(records[0]);
    if (!head.success || ownerState(head.data.owner) !== 'gone' || hasEnded(records)) continue;
    report.runs.push(head.data.run);
    report.halfWritten.push(...openNodes(records, 'write', 'write'));
    for (const node of openNodes(records, 'arm', 'disarm')) {
      await disarm(inventory, node, context);
      report.disarmed.push(node);
    }
    await (await journals.open(path)).append({ end: true, swept: true });
  }
  await pruneRuns(context);
  if (report.halfWritten.length > 0) {
    context.emit({ type: 'note', layer: 'nodes', note: 'half-written-disks', details: { nodes: report.halfWritten } });
  }
  return { ...report, freed: await sweepLocks(context) };
}

/** Takes the boot entries of a node away, by every way that it boots. */
export async function disarmNode(node: InventoryNode, inventory: Inventory, context: NodesContext): Promise<void> {
  for (const { driver, directory } of node.boot) {
    const boot = context.bootDrivers.find(({ id }) => id === driver);
    await boot?.disarm({ node, base: dirname(inventory.origin), directory }, context);
  }
}

async function disarm(inventory: Inventory, name: string, context: NodesContext): Promise<void> {
  const node = inventory.nodes.find((candidate) => candidate.name === name);
  if (node) await disarmNode(node, inventory, context);
}

/** The nodes for which `from` was begun and `to` was not done after it. */
function openNodes(records: readonly unknown[], from: RunOperation, to: RunOperation): readonly string[] {
  const open = new Set<string>();
  for (const record of records) {
    const line = RunLine.safeParse(record);
    if (!line.success) continue;
    const { node, op, phase } = line.data;
    if (op === from && phase === 'intent') open.add(node);
    if (op === to && phase === 'done') open.delete(node);
  }
  return [...open];
}

function hasEnded(records: readonly unknown[]): boolean {
  return records.some((record) => z.object({ end: z.literal(true) }).safeParse(record).success);
}

/** Keeps the newest ones that have ended: `nodes.keep_runs` of them, 100 if nobody says. */
async function pruneRuns(context: NodesContext): Promise<void> {
  const { files, journals, nodesState, configuration } = context;
  const keep = Number(configuration.get('nodes', 'keep_runs') ?? 100);
  const directory = join(nodesState, 'runs');
  const names = (await files.list(directory)).map(({ name }) => name).filter((name) => name.endsWith('.jsonl'));
  if (!(names.length > keep)) return;
  const aged = await Promise.all(
    names.map(async (name) => ({ name, modified: (await files.stat(join(directory, name)))?.modified ?? 0 })),
  );
  for (const { name } of aged.sort((a, b) => b.modified - a.modified).slice(keep)) {
    if (hasEnded(await journals.read(join(directory, name)))) await files.remove(join(directory, name));
  }
}

function runPath(id: string, { nodesState }: NodesContext): string {
  return join(nodesState, 'runs', `${id}.jsonl`);
}
