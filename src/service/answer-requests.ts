import { Buffer } from 'node:buffer';
import type { MessageSocket } from '../platform/zeromq.ts';
import { openEnvelope } from './envelope.ts';
import { answerMessage, MOST_BYTES, type RequestContext } from './stacked/requests.ts';

/** Bytes of requests that are being answered at most; further ones wait in their sockets. */
const MOST_BYTES_IN_FLIGHT = 4 * MOST_BYTES;
/** Requests that are being answered at most. */
const MOST_IN_FLIGHT = 512;
/** What a message that changes something has in it. */
const PUT = Buffer.from('=====PUT');

/** Requests that are being answered. */
export interface Answering {
  /** Rejects when no more requests can be received. */
  readonly failed: Promise<never>;
  /** Resolves when all that were received have been answered. */
  drain(): Promise<void>;
}

/** What one peer waits for. */
interface Peer {
  /** Its replies up to now have been sent. */
  readonly replied: Promise<void>;
  /** Its changes up to now have been made. */
  readonly changed: Promise<unknown> | undefined;
}

/**
 * Answers requests until the socket is closed.
 *
 * Each peer gets its replies in the order of its requests, and reads what it wrote before; apart from that all are
 * answered at the same time, so that the store makes one batch of the changes of many peers.
 */
export function answerRequests(socket: MessageSocket, context: RequestContext): Answering {
  const peers = new Map<string, Peer>();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  let [count, bytes, isEnding] = [0, 0, false];
  let room = Promise.withResolvers<undefined>();

  const take = (frames: readonly Buffer[]) => {
    const name = frames[0]?.toString('latin1') ?? '';
    const size = frames.reduce((sum, frame) => sum + frame.length, 0);
    [count, bytes] = [count + 1, bytes + size];
    const { envelope, body } = openEnvelope(frames);
    const before = peers.get(name);
    const reply = answerInTurn(body, before, context);
    const replied = send(socket, envelope, reply, before?.replied)
      .catch(context.report)
      .finally(() => {
        [count, bytes] = [count - 1, bytes - size];
        if (peers.get(name)?.replied === replied) peers.delete(name);
        room.resolve(undefined);
        room = Promise.withResolvers();
      });
    peers.set(name, { replied, changed: isChange(body) ? reply : before?.changed });
  };
  const read = async () => {
    for await (const frames of socket.messages) {
      take(frames);
      while (!isEnding && (count >= MOST_IN_FLIGHT || bytes >= MOST_BYTES_IN_FLIGHT)) await room.promise;
    }
  };
  read().catch(failed.reject);
  return {
    failed: failed.promise,
    drain: async () => {
      isEnding = true;
      room.resolve(undefined);
      while (peers.size > 0) await Promise.all(Array.from(peers.values(), ({ replied }) => replied));
    },
  };
}

async function answerInTurn(
  body: readonly Uint8Array[],
  before: Peer | undefined,
  context: RequestContext,
): Promise<Buffer> {
  // A change waits for all that was asked before; a look at things waits for the changes.
  if (before) await (isChange(body) ? before.replied : before.changed);
  return answerMessage(body, context);
}

async function send(
  socket: MessageSocket,
  envelope: readonly Uint8Array[],
  reply: Promise<Buffer>,
  before: Promise<void> | undefined,
): Promise<void> {
  const answer = await reply;
  if (before) await before;
  await socket.send([...envelope, answer]);
}

function isChange([message]: readonly Uint8Array[]): boolean {
  return message !== undefined && Buffer.from(message.buffer, message.byteOffset, message.length).includes(PUT);
}
