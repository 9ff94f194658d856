import { Buffer } from 'node:buffer';
import { RestageError } from '../errors.ts';
import type { Version } from '../model/id.ts';
import {
  splitAtVersion,
  type PutAnswer,
  type PutOutcome,
  type PutRequest,
  type StreamSource,
} from '../model/stream.ts';
import type { CommitInput, Committed, MemberSource } from '../store/contract.ts';
import type { DataContext } from './context.ts';
import { findStream, readStream, resolveVersion } from './find-stream.ts';
import type { Stream } from './streams.ts';

/** Content up to this many bytes is handed to the store whole, unless the stream says otherwise. */
const DEFAULT_INLINE = 32 * 1024;

/**
 * Makes new versions of streams, all or none, in bounded memory: what is big goes through the chunk plane first.
 *
 * @throws {RestageError} `data/unknown-stream`, `store/path`, `store/conflict`, and what `Store.commit` says
 */
export async function putStreams(request: PutRequest, context: DataContext): Promise<PutAnswer> {
  const { puts, deletes = [], producer, message, requestId, force } = request;
  const streams: Stream[] = [];
  for (const { stream } of [...puts, ...deletes]) streams.push(await findStream(stream, context));
  refuseTwice(streams);
  const expect: Record<string, Version | 'absent'> = {};
  for (const [index, { expect: text }] of [...puts, ...deletes].entries()) {
    const stream = streams[index];
    if (stream && text !== undefined) expect[stream.path] = await expectation(stream, text, context);
  }
  const inputs = await resolveInputs(request.inputs ?? [], context);
  const sources: ({ readonly path: string } & MemberSource)[] = [];
  for (const [index, { source }] of puts.entries()) {
    const stream = streams[index];
    if (stream) sources.push({ path: stream.path, ...(await memberSource(source, stream, context)) });
  }
  const commit = context.store.commit({
    puts: sources,
    deletes: streams.slice(puts.length).map(({ path }) => path),
    ...{ expect, inputs, subject: message ?? subjectOf(streams, puts.length) },
    producer: producer ?? `${context.host.user}@${context.host.name}`,
    ...(requestId !== undefined && { requestId }),
    ...(force !== undefined && { force }),
  });
  const committed = await commit.catch((error: unknown) => {
    throw explained(error, streams, expect);
  });
  return { version: committed.version, seq: committed.seq, streams: await outcomes(streams, committed, context) };
}

/** Hands content to the store: whole when it is small, through the chunk plane when it is not. */
export async function memberSource(
  source: StreamSource,
  { inline = DEFAULT_INLINE, chunker }: Pick<Stream, 'inline' | 'chunker'>,
  { store, files }: Pick<DataContext, 'store' | 'files'>,
): Promise<MemberSource> {
  const asBlob = async (content: StreamSource) => {
    const { digest, size } = await store.putBlob(content, chunker === undefined ? {} : { chunker });
    return { blob: digest, size };
  };
  if (source instanceof Uint8Array) return source.length <= inline ? { bytes: source } : asBlob(source);
  if ('file' in source) {
    const stat = await files.stat(await files.realPath(source.file));
    if (stat?.kind === 'directory') {
      throw new RestageError('cli/usage', `${source.file} is a directory, and a stream is a file`, {
        hint: 'Keep directories with `[data] dirs` in restage.conf and `restage save`',
      });
    }
    // What grows while it is read, and what has no size (a pipe, /proc), is a stream of bytes.
    const isSmall = stat?.kind === 'file' && stat.size > 0 && stat.size <= inline;
    if (isSmall) return { bytes: await files.read(source.file) };
    return stat?.kind === 'file' && stat.size > inline
      ? asBlob(source)
      : memberSource(files.stream(source.file), inlineOnly(inline, chunker), { store, files });
  }
  const iterator = source[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  for (let size = 0; size <= inline;) {
    const next = await iterator.next();
    if (next.done === true) return { bytes: Buffer.concat(first) };
    first.push(next.value);
    size += next.value.length;
  }
  return asBlob(continued(first, iterator));
}

function inlineOnly(inline: number, chunker: Stream['chunker']): Pick<Stream, 'inline' | 'chunker'> {
  return { inline, ...(chunker !== undefined && { chunker }) };
}

async function* continued(first: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* first;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

/** In which version a member must have changed last, given a version in which it was as expected. */
async function expectation(stream: Stream, text: string, context: DataContext): Promise<Version | 'absent'> {
  if (text === 'absent') return 'absent';
  const at = await resolveVersion(stream, text, context);
  const member = await context.store.read(stream.path, at);
  if (member) return member.version;
  throw new RestageError('store/conflict', `stream "${stream.topic}" is not in version ${text}`, {
    hint: 'Write `absent` where a stream must not be there yet',
    details: { stream: stream.name, expected: text },
  });
}

/** Says in the words of streams which of them is not as it was expected. */
function explained(error: unknown, streams: readonly Stream[], expect: Readonly<Record<string, string>>): unknown {
  if (!(error instanceof RestageError) || error.code !== 'store/conflict') return error;
  const { path, actual } = error.details;
  const stream = streams.find((one) => one.path === path);
  if (!stream || typeof actual !== 'string') return error;
  const [is, should] = [actual, expect[stream.path] ?? ''].map((version) => version.slice(0, 10));
  return new RestageError('store/conflict', `stream "${stream.topic}" is at ${is ?? ''} and not at ${should ?? ''}`, {
    hint: `Read it again with \`restage data get ${stream.name}\`, then repeat the change on what is there now`,
    details: { stream: stream.name, actual, expected: expect[stream.path] },
    cause: error,
  });
}

async function resolveInputs(inputs: readonly string[], context: DataContext): Promise<readonly CommitInput[]> {
  const resolved: CommitInput[] = [];
  for (const input of inputs) {
    const { stream, version } = splitAtVersion(input);
    const { member } = await readStream(stream, version, context);
    resolved.push({ path: member.path, version: member.version, digest: member.digest });
  }
  return resolved;
}

function refuseTwice(streams: readonly Stream[]): void {
  const seen = new Set<string>();
  for (const { name, path } of streams) {
    if (seen.has(path)) throw new RestageError('cli/usage', `stream ${name} stands twice in one transaction`);
    seen.add(path);
  }
}

function subjectOf(streams: readonly Stream[], puts: number): string {
  const [first] = streams;
  const verb = puts > 0 ? 'put' : 'delete';
  const more = streams.length > 1 ? ` and ${streams.length - 1} more` : '';
  return `${verb} ${first?.topic ?? 'nothing'}${more}`.slice(0, 99);
}

async function outcomes(
  streams: readonly Stream[],
  { version, seq, changes }: Committed,
  { store }: DataContext,
): Promise<readonly PutOutcome[]> {
  const outcome: PutOutcome[] = [];
  for (const { name, topic, path } of streams) {
    const made = changes.find((change) => change.path === path);
    if (made) {
      const { change, digest, size } = made;
      outcome.push({
        ...{ stream: name, topic, change, version, seq },
        ...(digest !== undefined && { digest }),
        ...(size !== undefined && { size }),
      });
      continue;
    }
    const member = await store.read(path, seq > 0 ? version : undefined);
    outcome.push({
      ...{ stream: name, topic, change: 'unchanged', version: member?.version ?? version, seq: member?.seq ?? seq },
      ...(member && { digest: member.digest, size: member.size }),
    });
  }
  return outcome;
}
