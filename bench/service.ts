/** GET and PUT over ZeroMQ, side by side with an echo over the same kind of socket: `node bench/service.ts [ROUNDS]`. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Dealer, Router, Subscriber } from 'zeromq';
import { openData } from '../src/data/open-data.ts';
import { createLocalContext } from '../src/platform/local-context.ts';
import { zeroMq } from '../src/platform/zeromq.ts';
import { serve } from '../src/service/serve.ts';
import { directory } from '../src/store/engines/directory.ts';

const ROUNDS = Number(process.argv[2] ?? 7);
const [REQUESTS, IN_FLIGHT, BYTES] = [2000, 64, 1024];

const place = mkdtempSync(join(tmpdir(), 'restage-bench-'));
const end = new AbortController();
const context = createLocalContext(end.signal, () => undefined);
const store = await directory.open({ directory: join(place, '.restage'), mode: 'create' }, context);
const configuration = { get: () => undefined, section: () => new Map<string, never>(), sections: () => [] };
const data = openData({ ...context, store, configuration });
const options = { bind: '127.0.0.1', repPort: 0, pubPort: 0, oneFrame: false };
const service = await serve(options, { streams: data, zeroMq, report: console.error });

const content = Buffer.alloc(BYTES, 'x');
const { version } = await data.put({ puts: [{ stream: 'a raw', source: content }] });
await data.put({ puts: [{ stream: 'a raw', source: Buffer.alloc(BYTES, 'y') }] });
const echo = new Router();
await echo.bind('tcp://127.0.0.1:*');
void (async () => {
  // A reply as long as that of GET.
  for await (const frames of echo) await echo.send([...frames.slice(0, -1), content]);
})();

const echoClient = connect(Number(echo.lastEndpoint?.split(':').at(-1)));
const client = connect(service.repPort);
const subscriber = new Subscriber({ receiveHighWaterMark: 0 });
subscriber.connect(`tcp://127.0.0.1:${service.pubPort}`);
subscriber.subscribe('p ');

const rates: Record<string, number[]> = { 'echo': [], 'GET HEAD': [], 'GET version': [], 'PUT, 64 clients': [] };
let count = 0;
for (let round = 0; round < ROUNDS; round++) {
  rates['echo']?.push(await rate(echoClient, () => '=====GET raw a'));
  rates['GET HEAD']?.push(await rate(client, () => '=====GET raw a'));
  rates['GET version']?.push(await rate(client, () => `=====GET raw a\n\t${version}`));
  const clients = Array.from({ length: IN_FLIGHT }, () => connect(service.repPort));
  const before = performance.now();
  await Promise.all(clients.map((one) => ask(one, 10, 1, () => `=====PUT p ${count++ % 97}\n\t${count}`)));
  rates['PUT, 64 clients']?.push((IN_FLIGHT * 10 * 1000) / (performance.now() - before));
  for (const one of clients) one.close();
}
for (const [name, values] of Object.entries(rates)) {
  const ratio = median(values) / median(rates['echo'] ?? []);
  console.log(`${name.padEnd(16)} ${median(values).toFixed(0).padStart(7)} /s  ${ratio.toFixed(2)} of echo`);
}
const latencies = await publishLatencies(200);
const [p50, p99] = [0.5, 0.99].map((part) => (latencies[Math.floor(latencies.length * part)] ?? 0).toFixed(2));
console.log(`acknowledged → subscriber: p50 ${p50 ?? ''} ms, p99 ${p99 ?? ''} ms`);
for (const socket of [echo, echoClient, client, subscriber]) socket.close();
await service.stop();
await store.close();
rmSync(place, { recursive: true });
process.exit(0);

function connect(port: number): Dealer {
  const socket = new Dealer({ linger: 0 });
  socket.connect(`tcp://127.0.0.1:${port}`);
  return socket;
}

/** Requests per second, with some in flight. */
async function rate(socket: Dealer, message: () => string): Promise<number> {
  const before = performance.now();
  await ask(socket, REQUESTS, IN_FLIGHT, message);
  return (REQUESTS * 1000) / (performance.now() - before);
}

async function ask(socket: Dealer, requests: number, inFlight: number, message: () => string): Promise<void> {
  for (let sent = 0, received = 0; received < requests; received++) {
    for (; sent < requests && sent - received < inFlight; sent++) await socket.send(message());
    const [reply] = await socket.receive();
    if (reply?.toString().startsWith('ERROR') !== false) throw new Error(reply?.toString());
  }
}

/** ms from the acknowledgement of a PUT until its event has come; below 0 where the event was first. */
async function publishLatencies(puts: number): Promise<readonly number[]> {
  const arrivals = new Map<string, number>();
  const receiving = (async () => {
    for await (const [, message] of subscriber) {
      const seen = /\tversion (\w+)/.exec(message?.toString() ?? '')?.[1] ?? '';
      arrivals.set(seen, performance.now());
    }
  })();
  void receiving;
  const acknowledged: (readonly [version: string, at: number])[] = [];
  for (let index = 0; index < puts; index++) {
    await client.send(`=====PUT p latency\n\t${index}\n=====reply\n\tfull`);
    const [reply] = await client.receive();
    acknowledged.push([/\t(\w{40})/.exec(reply?.toString() ?? '')?.[1] ?? '', performance.now()]);
  }
  for (let waits = 0; waits < 100 && acknowledged.some(([one]) => !arrivals.has(one)); waits++) {
    await context.clock.sleep(20);
  }
  const missing = acknowledged.filter(([one]) => !arrivals.has(one)).length;
  if (missing > 0) console.log(`${missing} events did not arrive`);
  return acknowledged.map(([one, at]) => (arrivals.get(one) ?? NaN) - at).toSorted((a, b) => a - b);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
