import type { Configuration } from '../model/config.ts';
import {
  splitAtVersion,
  type PutAnswer,
  type PutRequest,
  type StreamCommit,
  type StreamEntry,
  type StreamEvent,
  type StreamSource,
} from '../model/stream.ts';
import type { DataContext } from './context.ts';
import { diffStreams, type StreamDiff } from './diff-streams.ts';
import { findStream, readStream, type FoundStream } from './find-stream.ts';
import { listEntries } from './list-streams.ts';
import { putStreams } from './put-streams.ts';
import { runConsumer, type ConsumerResult } from './run-consumer.ts';
import { saveContent } from './save-content.ts';
import { eventsOf, streamLog, type LogRequest } from './stream-log.ts';
import { readStreams } from './streams.ts';
import { watchStreams, type WatchedEvent, type WatchRequest } from './watch-streams.ts';

/** The verbs of the data wing, bound to one store and one configuration. */
export interface Data {
  /** Makes new versions, all or none. */
  put(request: PutRequest): Promise<PutAnswer>;
  /** Reads `STREAM` or `STREAM@VERSION`. */
  get(text: string): Promise<FoundStream>;
  /** Reads a stream at a version that stands apart, as on the wire. */
  read(stream: string, version: string | undefined): Promise<FoundStream>;
  /** The topic of a name as it was typed; `data/unknown-stream` if nothing declares it. */
  topic(stream: string): Promise<string>;
  /** The streams whose names begin with the words of a prefix, at a version as text. */
  list(prefix: string, at?: string): Promise<readonly StreamEntry[]>;
  /** The newest events, newest first. */
  log(request: LogRequest): Promise<readonly StreamEvent[]>;
  /** Compares `STREAM[@VERSION]` with another one, or with what that stream is now. */
  diff(from: string, to?: string): Promise<StreamDiff>;
  watch(request: WatchRequest): AsyncIterable<WatchedEvent>;
  /** The bytes of what would be put. */
  content(source: StreamSource): AsyncIterable<Uint8Array>;
  /** Runs a program for an event, which stands in its variables `RESTAGE_*`. */
  consume(command: string, event: StreamEvent): Promise<ConsumerResult>;
  /** Writes content into a file, whole or not at all. */
  save(path: string, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** Every commit of the store from a seq on, also of other processes, until the signal aborts. */
  follow(from: number): AsyncIterable<StreamCommit>;
  /** The seq of the newest commit; 0 while there is none. */
  headSeq(): Promise<number>;
}

/** Opens the data wing. Pure but for what the calls do: nothing is read before the first of them. */
export function openData(context: Omit<DataContext, 'streams'> & { readonly configuration: Configuration }): Data {
  const data: DataContext = { ...context, streams: readStreams(context.configuration) };
  return {
    put: (request) => putStreams(request, data),
    get: (text) => {
      const { stream, version } = splitAtVersion(text);
      return readStream(stream, version, data);
    },
    read: (stream, version) => readStream(stream, version, data),
    topic: async (stream) => (await findStream(stream, data)).topic,
    list: async (prefix, at) => listEntries(prefix, at === undefined ? undefined : await data.store.resolve(at), data),
    log: (request) => streamLog(request, data),
    diff: (from, to) => diffStreams(from, to, data),
    watch: (request) => watchStreams(request, data),
    content: (source) => bytesOf(source, data),
    consume: (command, event) => runConsumer(command, event, data.exec),
    save: (path, content) => saveContent(path, content, data.files),
    follow: (from) => follow(from, data),
    headSeq: async () => (await data.store.head())?.seq ?? 0,
  };
}

async function* follow(from: number, { store, streams }: DataContext): AsyncGenerator<StreamCommit> {
  for await (const entry of store.log(from, { follow: true })) {
    yield { seq: entry.seq, events: eventsOf(entry, streams) };
  }
}

async function* bytesOf(source: StreamSource, { files }: DataContext): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) yield source;
  else yield* 'file' in source ? (files.stream(source.file) as AsyncIterable<Uint8Array>) : source;
}
