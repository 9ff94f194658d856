import { RestageError } from '../errors.ts';
import type { StreamEvent } from '../model/stream.ts';
import type { MessageSocket, ZeroMq, ZeroMqSockets } from '../platform/zeromq.ts';
import type { StreamService } from './contract.ts';
import { answerRequests, type Answering } from './answer-requests.ts';
import { MOST_BYTES } from './stacked/requests.ts';
import { eventFrames, OneFrameSubscribers } from './stacked/publish.ts';

/** The library itself refuses what is bigger, and closes the connection: nobody can fill the memory. */
const WIRE_LIMIT = 4 * MOST_BYTES;
/** Events and replies that wait for one slow peer. */
const QUEUED = 250_000;
const LINGER_MS = 2000;
const LOOPBACK = /^(127(\.\d{1,3}){3}|::1|localhost)$/;

/** Where the service listens. */
export interface ServeOptions {
  readonly bind: string;
  /** 0: any port that is free. */
  readonly repPort: number;
  readonly pubPort: number;
  /** Events also in one frame, for those who subscribe with the five `=`. */
  readonly oneFrame: boolean;
}

/** What the service stands on. */
export interface ServeContext {
  readonly streams: StreamService;
  readonly zeroMq: ZeroMq;
  /** Told what should never happen, one line each. */
  readonly report: (line: string) => void;
}

/** A service that runs. */
export interface RunningService {
  readonly repPort: number;
  readonly pubPort: number;
  /** Resolves when it has been stopped; rejects when it could not go on. */
  readonly ended: Promise<void>;
  /** Takes no more requests, answers what is in flight, ends. May be called twice, never throws. */
  stop(): Promise<void>;
}

/**
 * Serves streams over ZeroMQ: requests on one port, events on the other.
 *
 * @throws {RestageError} `service/exposed`, `service/unavailable`, `service/port-taken`; then nothing listens
 */
export async function serve(options: ServeOptions, context: ServeContext): Promise<RunningService> {
  if (!LOOPBACK.test(options.bind)) {
    throw new RestageError(
      'service/exposed',
      `${options.bind} is reached by other machines, and nothing guards the ports`,
    );
  }
  const library = await context.zeroMq.open();
  if (!library.available) throw new RestageError('service/unavailable', `no ZeroMQ here: ${library.reason}`);
  const sockets = await listen(options, library);
  const { requests, events } = sockets;
  // Before the first request: what it commits must be published.
  const from = (await context.streams.headSeq()) + 1;
  const report = (error: unknown) => {
    context.report(error instanceof Error ? (error.stack ?? error.message) : String(error));
  };
  const answered = answerRequests(requests, { streams: context.streams, report });
  const published = publishEvents(events, from, options.oneFrame, context);
  let stopping: Promise<void> | undefined;
  const stopped = Promise.withResolvers<undefined>();
  const stop = () => {
    stopping ??= shutDown(answered, published, sockets, context.streams).then(() => {
      stopped.resolve(undefined);
    });
    return stopping;
  };
  const ended = Promise.race([published.failed, answered.failed, stopped.promise]).finally(stop);
  ended.catch(() => undefined);
  return { repPort: requests.port, pubPort: events.port, ended, stop };
}

async function listen(
  { bind, repPort, pubPort }: ServeOptions,
  sockets: ZeroMqSockets,
): Promise<{ readonly requests: MessageSocket; readonly events: MessageSocket }> {
  const address = bind === 'localhost' ? '127.0.0.1' : bind;
  const common = { address, queued: QUEUED, lingerMs: LINGER_MS };
  const requests = await named('--rep-port', sockets.router({ ...common, port: repPort, maxMessageBytes: WIRE_LIMIT }));
  try {
    return { requests, events: await named('--pub-port', sockets.publisher({ ...common, port: pubPort })) };
  } catch (error) {
    requests.close();
    throw error;
  }
}

/** Says which option chooses the port that is taken. */
async function named(option: string, socket: Promise<MessageSocket>): Promise<MessageSocket> {
  try {
    return await socket;
  } catch (error) {
    if (!(error instanceof RestageError) || error.code !== 'service/port-taken') throw error;
    throw new RestageError(error.code, `${error.message} (${option})`, {
      hint: `Choose another one with ${option}, or 0 for any that is free`,
      cause: error,
    });
  }
}

/** Events that are being published. */
interface Publishing {
  /** Rejects when the events of the store cannot be followed any longer. */
  readonly failed: Promise<never>;
  /** Resolves when the events up to a seq have been published, or no more can be. */
  reach(seq: number): Promise<void>;
  /** No more events are published. */
  end(): void;
}

function publishEvents(
  socket: MessageSocket,
  from: number,
  oneFrame: boolean,
  { streams }: Pick<ServeContext, 'streams'>,
): Publishing {
  const subscribers = new OneFrameSubscribers();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  let [isEnding, last] = [false, from - 1];
  let progress = Promise.withResolvers<undefined>();
  const publish = async (event: StreamEvent) => {
    const [topic, message] = eventFrames(event);
    await socket.send([topic, message]);
    if (oneFrame && subscribers.any) await socket.send([message]);
  };
  const listenToSubscribers = async () => {
    for await (const [message] of socket.messages) if (message) subscribers.take(message);
  };
  const follow = async () => {
    for await (const { seq, events } of streams.follow(from)) {
      if (isEnding) return;
      for (const event of events) await publish(event);
      last = seq;
      progress.resolve(undefined);
      progress = Promise.withResolvers();
    }
  };
  for (const work of [listenToSubscribers(), follow()]) {
    work.catch((error: unknown) => {
      if (!isEnding) failed.reject(error);
      isEnding = true;
      progress.resolve(undefined);
    });
  }
  return {
    failed: failed.promise,
    reach: async (seq) => {
      while (last < seq && !isEnding) await progress.promise;
    },
    end: () => {
      isEnding = true;
    },
  };
}

/** What was asked is answered, and what was answered is published. */
async function shutDown(
  answering: Answering,
  publishing: Publishing,
  { requests, events }: { readonly requests: MessageSocket; readonly events: MessageSocket },
  streams: StreamService,
): Promise<void> {
  await answering.drain();
  try {
    await publishing.reach(await streams.headSeq());
  } catch {
    // The store is gone: there is nothing more to publish.
  }
  publishing.end();
  requests.close();
  events.close();
}
