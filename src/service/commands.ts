import type { StreamEntry } from '../model/stream.ts';
import type { ZeroMq } from '../platform/zeromq.ts';
import type { StreamService } from './contract.ts';
import { serve, type RunningService, type ServeContext, type ServeOptions } from './serve.ts';
import { writeStackedStream } from './stacked/write.ts';

/** What the command line needs of the service; `main.ts` hands it in. */
export interface ServiceCommands {
  serve(options: ServeOptions & Pick<ServeContext, 'report'>): Promise<RunningService>;
  /** The message that puts a content, as the service takes it. */
  putMessage(topic: string, content: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
  /** The reply that the service gives. */
  getMessage(found: GetMessage): AsyncIterable<Uint8Array>;
}

/** A stream at one version, as it is read. */
export interface GetMessage {
  readonly entry: StreamEntry;
  readonly member: { stream(): AsyncIterable<Uint8Array> };
}

/** Binds the service to the streams of one store. */
export function serviceCommands(streams: StreamService, zeroMq: ZeroMq): ServiceCommands {
  return {
    serve: ({ report, ...options }) => serve(options, { streams, zeroMq, report }),
    putMessage: (topic, content) => writeStackedStream(`PUT ${topic}`, content),
    getMessage: ({ entry, member }) => reply(entry, member.stream()),
  };
}

async function* reply(entry: StreamEntry, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(`=====${entry.topic}\n\t${entry.version}\n`);
  yield* writeStackedStream('data', content);
}
