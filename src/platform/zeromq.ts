import type * as zmq from 'zeromq';
import { RestageError } from '../errors.ts';

/**
 * ZeroMQ sockets of this machine. The library is an optional package with native code.
 *
 * `open` answers what can be opened, or why nothing can; it never throws. Sockets are closed by who opened them;
 * `close` may be called twice. What was sent before `close` still goes out for up to `lingerMs`.
 */
export interface ZeroMq {
  open(): Promise<ZeroMqLibrary>;
}

/** The library, if it is there. */
export type ZeroMqLibrary =
  | ({ readonly available: true; readonly version: string } & ZeroMqSockets)
  | { readonly available: false; readonly reason: string };

/** Opens sockets that listen. All reject with `service/port-taken` where another program has the port. */
export interface ZeroMqSockets {
  /** Answers requests of REQ and DEALER sockets: the first frame of a message is the name of the peer. */
  router(options: ListenOptions & { readonly maxMessageBytes: number }): Promise<MessageSocket>;
  /** Publishes; what it receives is who subscribes (first byte 1) and no longer (0) to what. */
  publisher(options: ListenOptions): Promise<MessageSocket>;
}

/** Where a socket listens, and what it keeps for peers that are slow. */
export interface ListenOptions {
  /** An IP address. */
  readonly address: string;
  /** 0: any port that is free. */
  readonly port: number;
  /** Messages that wait for one peer at most; what is over is lost for that peer, and delays nobody else. */
  readonly queued: number;
  /** ms. */
  readonly lingerMs: number;
}

/** A socket that sends and receives messages of frames. */
export interface MessageSocket {
  readonly port: number;
  /** Messages as they come; ends when the socket is closed. One reader at a time. */
  readonly messages: AsyncIterable<readonly Buffer[]>;
  /** Sends in the order of the calls, however many are under way. Resolves when the message is handed over. */
  send(frames: readonly Uint8Array[]): Promise<void>;
  close(): void;
}

/** The sockets of the package `zeromq`. */
export const zeroMq: ZeroMq = {
  async open() {
    try {
      const library = await import('zeromq');
      return { available: true, version: library.version, ...socketsOf(library) };
    } catch (error) {
      const [reason = 'unknown'] = error instanceof Error ? error.message.split('\n') : [];
      return { available: false, reason };
    }
  },
};

function socketsOf(library: typeof zmq): ZeroMqSockets {
  return {
    router: async ({ queued, lingerMs, maxMessageBytes, ...where }) => {
      const limits = { sendHighWaterMark: queued, linger: lingerMs, maxMessageSize: maxMessageBytes };
      return listen(new library.Router(limits), where);
    },
    publisher: async ({ queued, lingerMs, ...where }) =>
      listen(new library.XPublisher({ sendHighWaterMark: queued, linger: lingerMs }), where),
  };
}

async function listen(
  socket: zmq.Router | zmq.XPublisher,
  { address, port }: Pick<ListenOptions, 'address' | 'port'>,
): Promise<MessageSocket> {
  try {
    await socket.bind(`tcp://${address.includes(':') ? `[${address}]` : address}:${port === 0 ? '*' : port}`);
  } catch (error) {
    socket.close();
    throw explained(error, address, port);
  }
  // The library refuses a second `send` while one is under way.
  let [last, pending]: [Promise<void>, number] = [Promise.resolve(), 0];
  const transmit = async (frames: readonly Uint8Array[]) => {
    if (!socket.closed) await socket.send([...frames] as Buffer[]);
  };
  return {
    port: Number(socket.lastEndpoint?.split(':').at(-1)),
    messages: socket as AsyncIterable<Buffer[]>,
    send: (frames) => {
      const sending = pending === 0 ? transmit(frames) : last.then(() => transmit(frames));
      pending += 1;
      const done = () => {
        pending -= 1;
      };
      last = sending.then(done, done);
      return sending;
    },
    close: () => {
      if (!socket.closed) socket.close();
    },
  };
}

function explained(error: unknown, address: string, port: number): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE') return new RestageError('service/port-taken', `port ${port} is taken`, { cause: error });
  if (code === 'EACCES') return new RestageError('file/denied', `no right to listen on port ${port}`, { cause: error });
  if (code === 'EADDRNOTAVAIL' || code === 'ENODEV' || code === 'EINVAL') {
    return new RestageError('cli/usage', `${address} is no address of this machine`, { cause: error });
  }
  return error;
}
