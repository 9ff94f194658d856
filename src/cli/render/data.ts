import type { PutOutcome, StreamEntry, StreamEvent } from '../../model/stream.ts';
import { timeText } from '../../model/time.ts';
import type { StreamComparison } from '../commands/data/contract.ts';
import { columnsText } from './columns.ts';
import { sizeText } from './quantity.ts';

/** Digits of a version that people see. */
const SHORT = 10;
/** Widths that lines have in common which come one after the other. */
const [SEQ_WIDTH, TOPIC_WIDTH, PRODUCER_WIDTH] = [4, 18, 12];

/** `qplan/raw  0eab4a1f9c  seq 41  2.1 KB`. */
export function putText({ stream, version, seq, size, change }: PutOutcome): string {
  const words = change === 'put' ? sizeText(size ?? 0) : change === 'delete' ? 'ended' : 'unchanged';
  return [stream, version.slice(0, SHORT), `seq ${seq}`, words].join('  ');
}

/** One line for each stream. */
export function streamsText(entries: readonly StreamEntry[]): string {
  const rows = entries.map(({ stream, version, seq, size }) => {
    return [stream, version.slice(0, SHORT), `seq ${seq}`, sizeText(size)];
  });
  return columnsText(rows);
}

/** What was put, a line each; with `inputs`, what each was made from below it. */
export function streamLogText(events: readonly StreamEvent[], { inputs }: { readonly inputs: boolean }): string {
  const lines = columnsText(events.map((event) => [timeText(event.time), ...eventCells(event)])).split('\n');
  if (!inputs) return lines.join('\n');
  return events
    .flatMap((event, index) => [
      lines[index] ?? '',
      ...event.inputs.map(({ stream, version }) => `    from ${stream}@${version.slice(0, SHORT)}`),
    ])
    .join('\n');
}

/** One event, in columns that fit under each other as a rule. */
export function eventText(event: StreamEvent): string {
  const [seq = '', topic = '', version = '', producer = '', size = ''] = eventCells(event);
  const cells = [seq.padEnd(SEQ_WIDTH), topic.padEnd(TOPIC_WIDTH), version, producer.padEnd(PRODUCER_WIDTH), size];
  return cells.join('  ').trimEnd();
}

/** How two versions differ. */
export function comparisonText({ from, to, isEqual, text }: StreamComparison, stat: boolean): string {
  const [before, after] = [from, to].map(({ stream, version }) => `${stream}@${version.slice(0, SHORT)}`);
  if (isEqual) return `No difference between ${before ?? ''} and ${after ?? ''}`;
  const counts = text ? ` (${text.differ}: ${text.added} added, ${text.removed} removed)` : '';
  if (stat) return `${before ?? ''} and ${after ?? ''} differ${counts}`;
  return [`--- ${before ?? ''}`, `+++ ${after ?? ''}`, ...(text?.lines ?? [])].map(printable).join('\n');
}

/** An event as a document: times as RFC 3339. */
export function eventDocument(event: StreamEvent): Readonly<Record<string, unknown>> {
  return { schema: 'restage/stream-event/1', ...event, time: timeText(event.time) };
}

function eventCells({ seq, topic, version, producer, size, change }: StreamEvent): readonly string[] {
  return [String(seq), topic, version.slice(0, SHORT), producer, change === 'put' ? sizeText(size ?? 0) : 'ended'];
}

/** Content of others may hold what moves the cursor of a terminal. */
function printable(line: string): string {
  return line.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\uFFFD');
}
