import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/**
 * Serves HTTP on 127.0.0.1 until it is closed.
 *
 * Port 0, and a port that is taken, mean any free one; the server says which. A handler that throws is answered as
 * 500. Connections are not kept between requests, so that what is closed is silent at once.
 */
export type Listen = (port: number, handle: HttpHandler) => Promise<HttpServer>;

/** Answers one request. */
export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer>;

/** A request. `body` reads all of it. */
export interface HttpRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: () => Promise<Buffer>;
  /** The bytes of the body as they arrive. */
  readonly stream: AsyncIterable<Uint8Array>;
}

/** What is answered: `drop` closes the connection without a word, `hang` never answers. */
export type HttpAnswer = { readonly status: number; readonly body: string | Uint8Array } | 'drop' | 'hang';

/** A server. `close` ends open connections too. */
export interface HttpServer extends AsyncDisposable {
  readonly port: number;
  readonly close: () => Promise<void>;
}

/** Serves on the loopback interface of this machine. */
export async function listenOnLoopback(port: number, handle: HttpHandler): Promise<HttpServer> {
  const server = createServer((request, response) => {
    void answer(request, response, handle);
  });
  server.listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if (port !== 0) return listenOnLoopback(0, handle);
    throw error;
  }
  let closing: Promise<void> | undefined;
  const close = () =>
    (closing ??= new Promise<void>((done) => {
      server.close(() => {
        done();
      });
      server.closeAllConnections();
    }));
  return { port: (server.address() as AddressInfo).port, close, [Symbol.asyncDispose]: close };
}

async function answer(request: IncomingMessage, response: ServerResponse, handle: HttpHandler): Promise<void> {
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  let result: HttpAnswer;
  try {
    result = await handle({
      method: request.method ?? 'GET',
      path: pathname,
      query: searchParams,
      body: () => buffer(request),
      stream: request as AsyncIterable<Uint8Array>,
    });
  } catch {
    result = { status: 500, body: 'internal error' };
  }
  if (result === 'hang') return;
  if (result === 'drop') {
    request.socket.destroy();
    return;
  }
  response.writeHead(result.status, { connection: 'close' });
  response.end(result.body);
}
