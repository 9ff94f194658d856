const MODULUS = 65521;

/** What a part adds to an Adler-32 checksum, whatever stands before it. */
interface Sums {
  /** Sum of the bytes. */
  readonly plain: number;
  /** Sum of the bytes, each as often as bytes follow it, itself included. */
  readonly weighted: number;
}

/** Parts are shared between versions of a tree and never change. */
const sumsByPart = new WeakMap<Uint8Array, Sums>();

/**
 * Wraps bytes as zlib would with level 0: blocks that are stored as they are. The parts themselves are in the result, not
 * copies; each at most 65,535 bytes.
 */
export function storeAsZlib(parts: readonly Uint8Array[]): Uint8Array[] {
  const result: Uint8Array[] = [Buffer.from([0x78, 0x01])];
  let [a, b] = [1, 0];
  for (const [at, part] of parts.entries()) {
    const header = Buffer.from([at === parts.length - 1 ? 1 : 0, 0, 0, 0, 0]);
    header.writeUInt16LE(part.length, 1);
    header.writeUInt16LE(~part.length & 0xffff, 3);
    result.push(header, part);
    const { plain, weighted } = sumsOf(part);
    b = (b + part.length * a + weighted) % MODULUS;
    a = (a + plain) % MODULUS;
  }
  const checksum = Buffer.alloc(4);
  checksum.writeUInt16BE(b, 0);
  checksum.writeUInt16BE(a, 2);
  return [...result, checksum];
}

function sumsOf(part: Uint8Array): Sums {
  const known = sumsByPart.get(part);
  if (known) return known;
  let [plain, weighted] = [0, 0];
  // Both stay below 2^53 for a part of 64 KiB.
  for (const byte of part) {
    plain += byte;
    weighted += plain;
  }
  const sums = { plain: plain % MODULUS, weighted: weighted % MODULUS };
  sumsByPart.set(part, sums);
  return sums;
}
