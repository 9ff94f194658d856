/** A message of a ROUTER socket: what leads back to its sender, and what it says. */
export interface Enveloped {
  /** Frames that stand before every reply. */
  readonly envelope: readonly Uint8Array[];
  readonly body: readonly Uint8Array[];
}

/**
 * Parts a message of a ROUTER socket. The first frame is the peer.
 *
 * REQ sockets send an empty frame before the body, DEALER sockets need not, and each proxy on the way has put a name
 * in front. A body begins with five `=` as a rule, so that an empty frame behind it is content.
 */
export function openEnvelope(frames: readonly Uint8Array[]): Enveloped {
  const split = (at: number) => ({ envelope: frames.slice(0, at), body: frames.slice(at) });
  const isEmpty = (index: number) => frames[index]?.length === 0 && index + 1 < frames.length;
  if (isEmpty(1)) return split(2);
  if (startsWithHeader(frames[1])) return split(1);
  const delimiter = frames.findIndex((_, index) => index > 1 && isEmpty(index));
  return delimiter > 0 && startsWithHeader(frames[delimiter + 1]) ? split(delimiter + 1) : split(1);
}

function startsWithHeader(frame: Uint8Array | undefined): boolean {
  return frame !== undefined && frame.length >= 5 && frame.subarray(0, 5).every((byte) => byte === 0x3d);
}
