/** A line of `/proc/PID/net/tcp` or one of its sisters. */
export interface SocketEntry {
  readonly inode: string;
  /** Whether it waits for callers: a TCP socket that listens, a UDP socket that is bound and has no peer. */
  readonly listens: boolean;
  readonly addr: string;
  readonly port: number;
}

const TCP_LISTEN = '0A';
const UDP_UNCONNECTED = '07';

/**
 * Reads a socket table of the kernel.
 *
 * @param text - a line of titles, then one line for each socket
 * @param table - `net/tcp`, `net/tcp6`, `net/udp`, `net/udp6`
 */
export function parseSocketTable(text: string, table: string): SocketEntry[] {
  const listening = table.startsWith('net/tcp') ? TCP_LISTEN : UDP_UNCONNECTED;
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
      const [address = '', port = ''] = local.split(':');
      if (inode === undefined || port === '') return [];
      return [{ inode, listens: state === listening, addr: addressOf(address), port: Number.parseInt(port, 16) }];
    });
}

/** An address as the kernel prints it, 32-bit words in the order of a little-endian machine, for people. */
function addressOf(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse().map((byte) => Number.parseInt(byte, 16)));
  if (bytes.length === 4) return bytes.join('.');
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return shortened(groups.join(':'));
}

/** Writes the longest run of zero groups as `::`. */
function shortened(text: string): string {
  const [zeros] = (text.match(/(?<![^:])0(:0)+(?![^:])/g) ?? []).toSorted((a, b) => b.length - a.length);
  if (zeros === undefined) return text;
  const at = text.indexOf(zeros);
  return `${text.slice(0, at).replace(/:$/, '')}::${text.slice(at + zeros.length).replace(/^:/, '')}`;
}
