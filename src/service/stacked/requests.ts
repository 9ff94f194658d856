import { Buffer } from 'node:buffer';
import { RestageError, type ErrorCode } from '../../errors.ts';
import type { PutAnswer, PutStream } from '../../model/stream.ts';
import type { StreamService } from '../contract.ts';
import { parseStacked, type Section } from './parse.ts';
import { writeStacked, type WrittenSection } from './write.ts';

/** Bytes of a message, and of a content that is read over the wire. */
export const MOST_BYTES = 64 * 1024 * 1024;

/** Bytes of the text of a version: no version is longer. */
const MOST_VERSION_BYTES = 1024;

/** What HTTP would answer; these numbers stand in replies. */
const STATUSES: Readonly<Partial<Record<ErrorCode, number>>> = {
  'wire/malformed': 400,
  'wire/verb': 405,
  'wire/too-large': 413,
  'cli/usage': 400,
  'data/unknown-stream': 404,
  'store/version-unknown': 404,
  'store/version-ambiguous': 409,
  'store/version-syntax': 400,
  'store/path': 400,
  'store/conflict': 412,
  'store/locked': 503,
  'store/full': 507,
  'run/interrupted': 503,
  'run/deadline': 503,
};

/** What requests are answered with. */
export interface RequestContext {
  readonly streams: StreamService;
  /** Told of what should never happen; the peer learns no more than that. */
  readonly report: (error: unknown) => void;
}

/** One request, read. */
type Request =
  | { readonly verb: 'PUT'; readonly section: Section; readonly stream: string }
  | { readonly verb: 'GET'; readonly stream: string; readonly version: string | undefined };

/**
 * Answers one message with one reply. Never rejects, whatever the message holds.
 *
 * All PUTs of a message are one transaction, made before its GETs are read. A message of PUTs alone is answered with
 * `OK`; one with GETs, or with `reply full`, with one section for each request, in order. Where something is wrong the
 * reply is `ERROR: NUMBER …`, and nothing was stored; in a message of several parts, only the part of a failed GET is
 * a section `ERROR NUMBER`.
 */
export async function answerMessage(frames: readonly Uint8Array[], context: RequestContext): Promise<Buffer> {
  let isFull = false;
  try {
    const size = frames.reduce((sum, frame) => sum + frame.length, 0);
    if (size > MOST_BYTES) throw new RestageError('wire/too-large', `${size} bytes, and ${MOST_BYTES} are the limit`);
    const sections = parseStacked(frames[0] ?? new Uint8Array(), frames);
    isFull = sections.some(({ options }) => options.reply === 'full');
    refuseUnused(frames, sections);
    return await answer(sections, isFull, context);
  } catch (error) {
    return errorReply(error, isFull, context);
  }
}

/** Writes a reply: what GET answers. */
export function contentSections(topic: string, version: string, body: Uint8Array): readonly WrittenSection[] {
  return [
    { title: topic, body: `${version}\n` },
    { title: 'data', body },
  ];
}

/** A content that nothing names would be lost in silence. */
function refuseUnused(frames: readonly Uint8Array[], sections: readonly Section[]): void {
  const used = new Set(sections.map(({ options }) => options.encoding));
  for (let number = 2; number <= frames.length; number++) {
    if (used.has(`frame ${number}`)) continue;
    throw new RestageError('wire/malformed', `frame ${number} is named by no section: write =====encoding, frame N`);
  }
}

async function answer(sections: readonly Section[], isFull: boolean, context: RequestContext): Promise<Buffer> {
  const requests = sections.map(readRequest);
  const putAnswer = await performPuts(requests, sections, context.streams);
  if (!isFull && requests.every(({ verb }) => verb === 'PUT')) return Buffer.from('OK');
  const parts: WrittenSection[] = [];
  let puts = 0;
  for (const request of requests) {
    if (request.verb === 'PUT') parts.push(putSection(putAnswer, puts++));
    else parts.push(...(await getSections(request, requests.length === 1, isFull, context)));
  }
  return writeStacked(parts);
}

function readRequest({ title, body, line, options }: Section): Request {
  const [, verb = '', name = ''] = /^(\S*)\s*(.*)$/s.exec(title) ?? [];
  if (options.reply !== undefined && options.reply !== 'full') {
    throw new RestageError('wire/malformed', `line ${line}: reply is full, or there is no such section`);
  }
  if (verb !== 'PUT' && verb !== 'GET') {
    throw new RestageError('wire/verb', `line ${line}: no verb ${JSON.stringify(verb.slice(0, 40))}, only PUT and GET`);
  }
  if (name === '') throw new RestageError('wire/malformed', `line ${line}: ${verb} names no stream`);
  if (verb === 'PUT') return { verb, section: { title, body, line, options }, stream: name };
  if (body.length > MOST_VERSION_BYTES) throw new RestageError('wire/malformed', `line ${line}: that is no version`);
  const version = body.toString('utf8').trim();
  return { verb, stream: name, version: version === '' ? undefined : version };
}

async function performPuts(
  requests: readonly Request[],
  sections: readonly Section[],
  streams: StreamService,
): Promise<PutAnswer | undefined> {
  const puts = requests.flatMap((request): PutStream[] => {
    if (request.verb !== 'PUT') return [];
    const { body, options } = request.section;
    return [{ stream: request.stream, source: body, expect: options.expect }];
  });
  if (puts.length === 0) return undefined;
  const option = (name: 'producer' | 'request') => sections.find(({ options }) => options[name])?.options[name];
  const inputs = sections.flatMap(({ options }) => options.inputs?.split('\n') ?? []).map((line) => line.trim());
  return streams.put({
    ...{ puts, producer: option('producer'), requestId: option('request') },
    inputs: inputs.filter((line) => line !== ''),
  });
}

function putSection(answer: PutAnswer | undefined, index: number): WrittenSection {
  const outcome = answer?.streams[index];
  const lines = [outcome?.version ?? '', `seq ${outcome?.seq ?? 0}`];
  if (outcome?.change === 'unchanged') lines.push('unchanged');
  return { title: 'OK', body: `${lines.join('\n')}\n` };
}

async function getSections(
  { stream, version }: Extract<Request, { readonly verb: 'GET' }>,
  isOnly: boolean,
  isFull: boolean,
  context: RequestContext,
): Promise<readonly WrittenSection[]> {
  try {
    const { entry, member } = await context.streams.read(stream, version);
    if (entry.size > MOST_BYTES) {
      throw new RestageError('wire/too-large', `stream "${entry.topic}" has ${entry.size} bytes there`, {
        hint: `Read it with \`restage data get ${entry.stream}\``,
      });
    }
    return contentSections(entry.topic, entry.version, await member.bytes());
  } catch (error) {
    if (isOnly && !isFull) throw error;
    return [errorSection(error, context)];
  }
}

function errorReply(error: unknown, isFull: boolean, context: RequestContext): Buffer {
  if (isFull) return writeStacked([errorSection(error, context)]);
  const { status, message } = failureOf(error, context);
  return Buffer.from(`ERROR: ${status} ${message}`);
}

function errorSection(error: unknown, context: RequestContext): WrittenSection {
  const { status, message, code } = failureOf(error, context);
  return { title: `ERROR ${status}`, body: `${message}\n${code === undefined ? '' : `code ${code}\n`}` };
}

function failureOf(
  error: unknown,
  { report }: RequestContext,
): { readonly status: number; readonly message: string; readonly code?: ErrorCode } {
  if (error instanceof RestageError) {
    return { status: STATUSES[error.code] ?? 500, message: oneLine(error.message), code: error.code };
  }
  report(error);
  return { status: 500, message: 'internal error' };
}

function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}
