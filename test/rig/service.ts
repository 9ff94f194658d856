import { Dealer, Request, Subscriber } from 'zeromq';
import { serve, type RunningService, type ServeOptions } from '../../src/service/serve.ts';
import { zeroMq } from '../../src/platform/zeromq.ts';
import { dataRig, type DataRig, type DataRigOptions } from './data.ts';

/** A service on ports that are free, over a store of its own, with clients. Gone when disposed. */
export interface ServiceRig extends AsyncDisposable, Pick<DataRig, 'data' | 'store' | 'context' | 'path'> {
  readonly service: RunningService;
  /** What the service said of itself: empty, if all went well. */
  readonly reports: string[];
  /** Asks as a REQ client does; each call waits for its reply. */
  readonly ask: (message: string | Uint8Array) => Promise<Buffer>;
  readonly dealer: () => Dealer;
  /** Resolves when the subscription has reached the service. */
  readonly subscribe: (...topics: string[]) => Promise<Subscriber>;
}

/** Starts one. */
export async function serviceRig(options: DataRigOptions & Partial<ServeOptions> = {}): Promise<ServiceRig> {
  const rig = await dataRig(options);
  const reports: string[] = [];
  const where = { bind: '127.0.0.1', repPort: 0, pubPort: 0, oneFrame: false };
  const service = await serve(
    { ...where, ...options },
    {
      ...{ streams: rig.data, zeroMq },
      report: (line) => reports.push(line),
    },
  );
  const sockets: { close(): void }[] = [];
  const opened = <Socket extends Dealer | Request | Subscriber>(socket: Socket, port: number): Socket => {
    socket.connect(`tcp://127.0.0.1:${port}`);
    sockets.push(socket);
    return socket;
  };
  const request = opened(new Request({ linger: 0, receiveTimeout: 20_000 }), service.repPort);
  let last: Promise<unknown> = Promise.resolve();
  const ask = (message: string | Uint8Array) => {
    const asked = last.then(async () => {
      await request.send(message);
      const [reply = Buffer.alloc(0), ...others] = await request.receive();
      if (others.length > 0) throw new Error(`a reply of ${others.length + 1} frames`);
      return reply;
    });
    last = asked.catch(() => undefined);
    return asked;
  };
  return {
    ...{ data: rig.data, store: rig.store, context: rig.context, path: rig.path, service, reports, ask },
    dealer: () => opened(new Dealer({ linger: 0, receiveTimeout: 20_000 }), service.repPort),
    subscribe: async (...topics) => {
      const socket = opened(
        new Subscriber({ linger: 0, receiveTimeout: 20_000, receiveHighWaterMark: 0 }),
        service.pubPort,
      );
      socket.subscribe(...topics, 'rig-probe');
      await reached(socket, rig);
      return socket;
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.close();
      await service.stop();
      await rig[Symbol.asyncDispose]();
    },
  };
}

/** Puts probes until one arrives: then the subscription is known over there. */
async function reached(socket: Subscriber, rig: DataRig): Promise<void> {
  const arrived = socket.receive();
  const probe = { arrived: false };
  void arrived.then(() => {
    probe.arrived = true;
  });
  for (let count = 0; !probe.arrived; count++) {
    await rig.put('rig-probe', `${count} of ${Math.random()}`);
    await rig.context.clock.sleep(10);
  }
  await arrived;
  // What was put meanwhile comes, too: the last probe is known by its text.
  const { version } = (await rig.data.get('rig-probe')).entry;
  for (let seen = await arrived; !seen[1]?.toString().includes(version);) seen = await socket.receive();
  socket.unsubscribe('rig-probe');
}
