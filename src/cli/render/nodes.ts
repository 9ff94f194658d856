import type { ImageEntry } from '../../model/image.ts';
import type { NodeResult } from '../../model/node.ts';
import type { LabState, LabUp, PlannedImage, PowerVerb, SelectedNode } from '../commands/nodes/contract.ts';
import { columnsText } from './columns.ts';
import { ageText, countText, sizeText } from './quantity.ts';

/** What a check found. */
export interface ShownCheck {
  readonly id: string;
  readonly summary: string;
  readonly available: boolean;
  readonly note?: string;
  readonly reason?: string;
}

/** What the inventory says of nodes. */
export function nodeRowsText(nodes: readonly SelectedNode[]): string {
  const rows = nodes.map(({ name, number, host, mac = '', power, agent }) => [
    name,
    `${number}`,
    host,
    mac,
    power,
    agent,
  ]);
  return columnsText([['NODE', 'NUMBER', 'ADDRESS', 'MAC', 'POWER', 'AGENT'], ...rows]);
}

/** The power of nodes; one that cannot be read says why. */
export function statusText(results: readonly NodeResult[]): string {
  return columnsText(
    results.map(({ node, power = 'unknown', outlets = {}, code, detail }) => [
      node,
      power,
      ...Object.entries(outlets).map(([name, state]) => `${name} ${state}`),
      ...failureCells({ code, detail }),
    ]),
  );
}

/** What cards say about themselves, indented below the node. */
export function infoText(results: readonly NodeResult[]): string {
  return results
    .map(({ node, text, code, detail }) => {
      if (text === undefined) return [node, ...failureCells({ code, detail })].join('  ');
      return [node, ...text.split('\n').map((line) => `  ${printable(line)}`)].join('\n');
    })
    .join('\n');
}

/** What would be done, as half a question. */
export function powerPlanText(verb: PowerVerb, names: readonly string[], outlet?: string): string {
  const what = outlet === undefined ? '' : ` ${outlet === 'all' ? 'all outlets' : `outlet ${outlet}`} of`;
  const action = { on: 'switch on', off: 'switch off', reset: 'start again' }[verb];
  return `${action}${what} ${names.join(' ')}`;
}

/** What came of it, and a last line that counts. */
export function powerText(verb: PowerVerb, results: readonly NodeResult[]): string {
  const rows = results.map(({ node, ok, power, outlets = {}, changed, code, detail }) => {
    if (!ok) return [node, ...failureCells({ code, detail })];
    const states = Object.entries(outlets).map(([name, state]) => `${name} ${state}`);
    const now = states.length > 0 ? states.join(', ') : (power ?? '');
    return [node, changed === false ? `already ${now}` : verb === 'reset' ? 'reset' : now];
  });
  return `${columnsText(rows)}\n${summaryText(verb, results)}`;
}

/** A line that scripts of rhubarbe know. */
export function waitLine({ node, ok }: NodeResult): string {
  return `${node}:ssh ${ok ? 'OK' : 'KO'}`;
}

/** What a load would overwrite. */
export function loadPlanText(plan: readonly PlannedImage[]): string {
  return columnsText(
    plan.map(({ node, from, to, isRight, bytes }) =>
      isRight ? [node, 'nothing', `${to} (drift not checked)`] : [node, 'image', `${from} -> ${to}`, sizeText(bytes)],
    ),
  );
}

/** What came of a load. */
export function loadText(results: readonly NodeResult[]): string {
  const rows = results.map(({ node, ok, image = '', changed, code, detail }) =>
    ok ? [node, changed === false ? `already ${image}` : image] : [node, ...failureCells({ code, detail })],
  );
  return `${columnsText(rows)}\n${summaryText('load', results)}`;
}

/** Images, sorted by name. */
export function imagesText(images: readonly ImageEntry[], now: number): string {
  if (images.length === 0) return 'No images';
  const rows = images.map(({ name, image, size, saved }) => [
    name,
    image.slice('sha256:'.length, 'sha256:'.length + 12),
    sizeText(size),
    ageText(saved, now),
  ]);
  return columnsText([['IMAGE', 'ID', 'SIZE', 'SAVED'], ...rows]);
}

/** What works here and what does not. */
export function checksText(checks: readonly ShownCheck[]): string {
  return columnsText(
    checks.map(({ id, available, note, reason, summary }) => [
      available ? 'ok' : 'MISSING',
      id,
      (available ? note : reason) ?? summary,
    ]),
  );
}

/** A lab that was started. */
export function labUpText({ outcome, nodes, inventory, pid }: LabUp): string {
  const did = { started: 'is up', restarted: 'is up again, as it was', already: 'was up already' }[outcome];
  return `lab of ${countText(nodes.length, 'node')} ${did} (process ${pid})\ninventory ${inventory}`;
}

/** A lab, and where it answers. */
export function labStateText({ process, pid, nodes }: LabState): string {
  const head = process === 'alive' ? `process ${pid}` : `process ${pid} is ${process}`;
  const rows = nodes.map(({ name, card, port }) => [name, `card 127.0.0.1:${card}`, `node 127.0.0.1:${port}`]);
  return `${head}\n${columnsText(rows)}`;
}

function summaryText(verb: string, results: readonly NodeResult[]): string {
  const failed = results.filter(({ ok }) => !ok);
  const head = `${verb}: ${results.length - failed.length} of ${results.length} ok`;
  if (failed.length === 0) return head;
  return `${head}, ${failed.length} failed (${failed.map(({ node, code = '' }) => `${node} ${code}`).join(', ')})`;
}

function failureCells({ code, detail }: Pick<NodeResult, 'code' | 'detail'>): string[] {
  return code === undefined ? [] : [code, printable(detail ?? '')];
}

/** Text of a device without what would move the cursor of a terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
