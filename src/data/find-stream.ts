import { RestageError } from '../errors.ts';
import type { Version } from '../model/id.ts';
import { nearest } from '../model/nearest.ts';
import { streamWords, type StreamEntry } from '../model/stream.ts';
import type { Member } from '../store/contract.ts';
import type { DataContext } from './context.ts';
import type { Stream } from './streams.ts';

/** Versions of a stream that are compared with a mistyped one. */
const COMPARED_VERSIONS = 1000;

/** Letters of a mistyped name that are compared: what is longer was no name. */
const LONGEST_COMPARED = 100;

/** One stream at one version, with its content. */
export interface FoundStream {
  readonly entry: StreamEntry;
  readonly member: Member;
}

/** Finds the stream of a name as it was typed; `data/unknown-stream` with near ones if there is none. */
export async function findStream(text: string, context: DataContext): Promise<Stream> {
  const stream = context.streams.find(text);
  if (stream) return stream;
  throw await unknownStream(text, context);
}

/**
 * Reads a stream at a version, as text; absent: now.
 *
 * @throws {RestageError} `data/unknown-stream`; `store/version-syntax`, `store/version-unknown` (also when the version
 * is there and this stream is not in it), `store/version-ambiguous`
 */
export async function readStream(
  text: string,
  version: string | undefined,
  context: DataContext,
): Promise<FoundStream> {
  const { store } = context;
  const stream = await findStream(text, context);
  const at = version === undefined ? undefined : await resolveVersion(stream, version, context);
  const member = await store.read(stream.path, at);
  if (member) return { entry: entryOf(stream, member), member };
  const [last] = await store.history(stream.path, 1);
  if (!last) throw await unknownStream(text, context);
  if (at === undefined) throw endedStream(stream, last.version);
  throw await unknownVersion(stream, version ?? '', context);
}

/** Resolves the text after `@` for one stream, and says it in the words of streams when there is no such version. */
export async function resolveVersion(stream: Stream, text: string, context: DataContext): Promise<Version> {
  try {
    return await context.store.resolve(text, stream.path);
  } catch (error) {
    if (error instanceof RestageError && error.code === 'store/version-unknown') {
      throw await unknownVersion(stream, text, context);
    }
    throw error;
  }
}

/** What is said of a stream without its content. */
export function entryOf({ name, topic, type }: Stream, { version, seq, digest, size }: Member): StreamEntry {
  return { ...{ stream: name, topic, version, seq, digest, size }, ...(type !== undefined && { type }) };
}

/** The error for a name that no stream has, with near ones. */
export async function unknownStream(text: string, { store, streams }: DataContext): Promise<RestageError> {
  const names = new Set(streams.declared.map(({ topic }) => topic));
  for (const root of streams.roots) {
    for (const { path } of await store.list(root)) {
      const topic = streams.at(path)?.topic;
      if (topic !== undefined) names.add(topic);
    }
  }
  const typed = streamWords(text.slice(0, LONGEST_COMPARED)).join(' ');
  const near = nearest(
    typed,
    [...names].filter((name) => Math.abs(name.length - typed.length) <= typed.length),
  );
  const meant = near.length === 0 ? '' : `; did you mean ${near.map((name) => JSON.stringify(name)).join(' or ')}?`;
  const shown = JSON.stringify(text.trim().slice(0, 200));
  return new RestageError('data/unknown-stream', `no stream ${shown}${meant}`, { details: { stream: text, near } });
}

function endedStream({ name, topic }: Stream, version: Version): RestageError {
  return new RestageError('data/unknown-stream', `stream "${topic}" ended with version ${version.slice(0, 10)}`, {
    hint: `Read its last content with \`restage data get ${name}@~1\``,
    details: { stream: name, version },
  });
}

async function unknownVersion(stream: Stream, text: string, { store }: DataContext): Promise<RestageError> {
  const versions = (await store.history(stream.path, COMPARED_VERSIONS)).map(({ version }) => version);
  const near = nearest(
    text,
    versions.map((version) => version.slice(0, Math.max(text.length, 4))),
  );
  const meant = near.length === 0 ? '' : `; did you mean ${near.join(' or ')}?`;
  const shown = JSON.stringify(text.slice(0, 100));
  return new RestageError('store/version-unknown', `no version ${shown} of stream "${stream.topic}"${meant}`, {
    hint: `List its versions with \`restage data log ${stream.name}\``,
    details: { stream: stream.name, version: text, near },
  });
}
