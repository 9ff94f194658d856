import { Buffer } from 'node:buffer';
import type { StreamEvent } from '../../model/stream.ts';
import { writeStacked } from './write.ts';

/** How a message begins that has the topic in its only frame. */
const ONE_FRAME = Buffer.from('=====');
const [SUBSCRIBE, UNSUBSCRIBE] = [1, 0];

/** The two frames of an event: the topic, and what happened. */
export function eventFrames(event: StreamEvent): readonly [topic: Buffer, message: Buffer] {
  const { topic, seq, previous, version, digest, size, producer, change } = event;
  const lines = [
    `seq ${seq}`,
    `prev ${previous ?? 0}`,
    `version ${version}`,
    ...(digest === undefined ? [] : [`digest ${digest}`]),
    ...(size === undefined ? [] : [`size ${size}`]),
    `producer ${producer}`,
    ...(change === 'delete' ? ['change delete'] : []),
  ];
  return [Buffer.from(topic), writeStacked([{ title: topic, body: `${lines.join('\n')}\n` }])];
}

/** Counts who has subscribed to topics with the five `=` before them: they want the topic in the only frame. */
export class OneFrameSubscribers {
  #count = 0;

  /** Takes what a publishing socket receives. */
  take(message: Uint8Array): void {
    const isOneFrame = Buffer.from(message.subarray(1)).subarray(0, ONE_FRAME.length).equals(ONE_FRAME);
    if (!isOneFrame) return;
    if (message[0] === SUBSCRIBE) this.#count += 1;
    if (message[0] === UNSUBSCRIBE) this.#count = Math.max(0, this.#count - 1);
  }

  /** Whether there is any. */
  get any(): boolean {
    return this.#count > 0;
  }
}
