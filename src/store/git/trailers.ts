import type { Digest, Version } from '../../model/id.ts';
import { redactText } from '../../model/redact.ts';
import type { Change, CommitInput } from '../contract.ts';

/** What the message of a commit of ours says. */
export interface CommitMessage {
  readonly subject: string;
  readonly seq: number;
  readonly producer: string;
  readonly requestId?: string;
  readonly changes: readonly Change[];
  /** Puts that changed nothing: part of the answer that a repeated request gets. */
  readonly unchanged: readonly string[];
  readonly inputs: readonly CommitInput[];
  /** The further ones, without `Restage-`. */
  readonly trailers: Readonly<Record<string, string>>;
  /** When there are too many changes to be listed: how many. They are found by comparing trees. */
  readonly manyChanges?: number;
}

/** Above this many, changes are counted in the message and found by comparing trees. */
export const LISTED_CHANGES = 256;

const SUBJECT_LIMIT = 100;
const VALUE_LIMIT = 4096;

/** Writes the message: subject, empty line, trailers that `git interpret-trailers` reads. No value can make a line of its own. */
export function writeMessage(message: CommitMessage): string {
  const lines = [`Restage-Seq: ${message.seq}`, `Restage-Producer: ${safeValue(message.producer) || 'unknown'}`];
  if (message.requestId !== undefined) lines.push(`Restage-Request: ${oneLine(message.requestId)}`);
  if (message.manyChanges === undefined)
    lines.push(...message.changes.map((change) => `Restage-Change: ${changeText(change)}`));
  else lines.push(`Restage-Changes: ${message.manyChanges}`);
  lines.push(...message.unchanged.map((path) => `Restage-Unchanged: ${path}`));
  for (const { path, version, digest } of message.inputs)
    lines.push(`Restage-Input: ${oneLine(path)}@${version} ${digest}`);
  for (const [key, value] of Object.entries(message.trailers)) {
    const name = trailerName(key);
    if (name !== undefined) lines.push(`Restage-${name}: ${safeValue(value)}`);
  }
  return `${oneLine(redactText(message.subject), SUBJECT_LIMIT) || 'no subject'}\n\n${lines.join('\n')}\n`;
}

/** Reads a message; `undefined` if it is not one of ours. */
export function parseMessage(text: string): CommitMessage | undefined {
  const body = text.replace(/\n+$/, '');
  const split = body.lastIndexOf('\n\n');
  if (split < 0) return undefined;
  const trailers: Record<string, string> = {};
  const changes: Change[] = [];
  const inputs: CommitInput[] = [];
  const unchanged: string[] = [];
  for (const line of body.slice(split + 2).split('\n')) {
    const [, key, value = ''] = /^Restage-([\w-]+): ?(.*)$/.exec(line) ?? [];
    if (key === undefined) continue;
    if (key === 'Change') pushIf(changes, parseChange(value));
    else if (key === 'Input') pushIf(inputs, parseInput(value));
    else if (key === 'Unchanged') unchanged.push(value);
    else trailers[key] = value;
  }
  const { Seq, Producer, Request, Changes, ...others } = trailers;
  if (Seq === undefined || Producer === undefined || !/^\d+$/.test(Seq)) return undefined;
  return {
    subject: body.slice(0, body.indexOf('\n')),
    seq: Number(Seq),
    producer: Producer,
    ...(Request !== undefined && { requestId: Request }),
    ...{ changes, unchanged, inputs, trailers: others },
    ...(Changes !== undefined && { manyChanges: Number(Changes) }),
  };
}

/** Takes what could break a line out of a value, and cuts what is too long. */
export function oneLine(text: string, limit = VALUE_LIMIT): string {
  const line = text
    .toWellFormed()
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1).toWellFormed()}…`;
}

/** Fit to be stored for ever: one line, without what looks like a secret. */
function safeValue(text: string): string {
  return redactText(oneLine(text));
}

function changeText({ path, change, digest, size, previous }: Change): string {
  const content = change === 'put' ? ` ${digest ?? ''} ${size ?? 0}` : '';
  return `${change} ${path}${content}${previous === undefined ? '' : ` prev=${previous}`}`;
}

function parseChange(text: string): Change | undefined {
  const [, put, digest, size, previous] = /^put (.+) (sha256:[0-9a-f]{64}) (\d+)(?: prev=(\d+))?$/.exec(text) ?? [];
  if (put !== undefined) {
    const content = { digest: digest as Digest, size: Number(size) };
    return { path: put, change: 'put', ...content, ...(previous !== undefined && { previous: Number(previous) }) };
  }
  const [, path, before] = /^delete (.+?)(?: prev=(\d+))?$/.exec(text) ?? [];
  return path === undefined
    ? undefined
    : { path, change: 'delete', ...(before !== undefined && { previous: Number(before) }) };
}

function parseInput(text: string): CommitInput | undefined {
  const [, path, version, digest] = /^(.+)@([0-9a-f]{40}) (sha256:[0-9a-f]{64})$/.exec(text) ?? [];
  return path === undefined ? undefined : { path, version: version as Version, digest: digest as Digest };
}

/** `Session` as it is; a name that is none of a trailer, or one of ours, is left out. */
function trailerName(key: string): string | undefined {
  const taken = ['Seq', 'Producer', 'Request', 'Change', 'Changes', 'Unchanged', 'Input'];
  return /^[A-Za-z][\w-]{0,99}$/.test(key) && !taken.includes(key) ? key : undefined;
}

function pushIf<Value>(list: Value[], value: Value | undefined): void {
  if (value !== undefined) list.push(value);
}
