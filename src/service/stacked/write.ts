import { Buffer } from 'node:buffer';

/** What is written: a title, and the bytes of its body. */
export interface WrittenSection {
  /** Without line ends, and no title of an option. */
  readonly title: string;
  readonly body: Uint8Array | string;
}

const [NEWLINE, TAB] = [0x0a, 0x09];
const NO_NEWLINE = '\n=====encoding\n\tno-newline\n';

/**
 * Writes sections as a stacked stream; `parseStacked` gives back the very bytes.
 *
 * Where a body does not end with a newline and another section follows, an `encoding` section says so. The last one
 * needs none: it ends where the message ends.
 */
export function writeStacked(sections: readonly WrittenSection[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const [index, { title, body }] of sections.entries()) {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    parts.push(Buffer.from(`=====${title}\n`), indent(bytes));
    const isOpen = bytes.length > 0 && bytes[bytes.length - 1] !== NEWLINE;
    if (isOpen && index < sections.length - 1) parts.push(Buffer.from(NO_NEWLINE));
  }
  return Buffer.concat(parts);
}

/** Writes one section whose body comes in parts, as it comes. */
export async function* writeStackedStream(
  title: string,
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from(`=====${title}\n`);
  let isLineStart = true;
  for await (const part of body) {
    if (part.length === 0) continue;
    const indented = indent(part);
    yield isLineStart ? indented : indented.subarray(1);
    isLineStart = part[part.length - 1] === NEWLINE;
  }
}

/** Puts a TAB before each line. */
function indent(bytes: Uint8Array): Buffer {
  let lines = 0;
  for (let at = 0; at < bytes.length; lines++) {
    const newline = bytes.indexOf(NEWLINE, at);
    at = newline < 0 ? bytes.length : newline + 1;
  }
  const out = Buffer.allocUnsafe(bytes.length + lines);
  let filled = 0;
  for (let at = 0; at < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline < 0 ? bytes.length : newline + 1;
    out[filled] = TAB;
    out.set(bytes.subarray(at, end), filled + 1);
    filled += 1 + end - at;
    at = end;
  }
  return out;
}
