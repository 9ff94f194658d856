import { RestageError } from '../../errors.ts';

const BLOCK = 512;
const NAME_BYTES = 100;
/** The largest size that eleven octal digits can say. */
const OCTAL_LIMIT = 8 ** 11;

/** One file or link of an archive. */
export interface TarEntry {
  /** Relative, with `/` between. */
  readonly path: string;
  readonly kind: 'file' | 'link';
  /** Permission bits. */
  readonly mode: number;
  /** Bytes of the content; 0 for a link. */
  readonly size: number;
  /** What a link says. */
  readonly target?: string;
}

/** An entry as it is read. Its content is skipped unless it is asked for before the next entry is. */
export interface TarReading {
  readonly entry: TarEntry;
  /** The content in pieces; once. */
  readonly body: () => AsyncGenerator<Buffer>;
}

/** The two empty blocks that end an archive. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK);

/**
 * Writes the header of one entry, in the form of POSIX.1-2001 (`pax`).
 *
 * Nothing of the machine or the time goes in (owner 0, time 0): equal trees give equal archives. A name or a target
 * of more than 100 bytes stands in a header of its own before it.
 */
export function tarHeader(entry: TarEntry): Buffer {
  const { path, kind, mode, size, target = '' } = entry;
  const records: string[] = [];
  if (Buffer.byteLength(path) > NAME_BYTES) records.push(paxRecord('path', path));
  if (Buffer.byteLength(target) > NAME_BYTES) records.push(paxRecord('linkpath', target));
  if (size >= OCTAL_LIMIT) records.push(paxRecord('size', String(size)));
  const own = header(path, kind === 'link' ? '2' : '0', mode, size >= OCTAL_LIMIT ? 0 : size, target);
  if (records.length === 0) return own;
  const extension = Buffer.from(records.join(''));
  return Buffer.concat([
    header('PaxHeader', 'x', 0o644, extension.length, ''),
    extension,
    tarPadding(extension.length),
    own,
  ]);
}

/** The zeros that fill the last block of a content. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/**
 * Reads an archive as it passes: entries in their order.
 *
 * @throws {RestageError} `snapshot/damaged` for what is no archive, or ends early
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarReading> {
  const reader = new BlockReader(source);
  let extension: Readonly<Record<string, string>> = {};
  for (;;) {
    const block = await reader.take(BLOCK);
    if (block.every((byte) => byte === 0)) break;
    const { entry, type } = parseHeader(block, extension);
    const padded = entry.size + tarPadding(entry.size).length;
    if (type === 'x') {
      extension = parsePax((await reader.take(padded)).subarray(0, entry.size));
      continue;
    }
    extension = {};
    let left = padded;
    const body = async function* (): AsyncGenerator<Buffer> {
      let content = entry.size;
      while (content > 0) {
        const piece = await reader.some(content);
        content -= piece.length;
        left -= piece.length;
        yield piece;
      }
    };
    yield { entry, body };
    while (left > 0) left -= (await reader.some(left)).length;
  }
  await reader.drain();
}

/** Takes bytes off a source in the sizes that are asked for. */
class BlockReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Between 1 and `limit` bytes. */
  async some(limit: number): Promise<Buffer> {
    while (this.#rest.length === 0) await this.#more();
    const piece = this.#rest.subarray(0, limit);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  /** Exactly `count` bytes. */
  async take(count: number): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let left = count;
    while (left > 0) {
      const piece = await this.some(left);
      pieces.push(piece);
      left -= piece.length;
    }
    return pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
  }

  /** Reads to the end, so that the source verifies its last byte too. */
  async drain(): Promise<void> {
    while (!(await this.#source.next()).done);
  }

  async #more(): Promise<void> {
    const next = await this.#source.next();
    if (next.done) throw damaged('it ends early');
    this.#rest = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
  }
}

function header(path: string, type: string, mode: number, size: number, target: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  Buffer.from(path).copy(block, 0, 0, NAME_BYTES);
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108); // owner
  block.write(octal(0, 7), 116); // group
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136); // time
  block.write(type, 156);
  Buffer.from(target).copy(block, 157, 0, NAME_BYTES);
  block.write('ustar\u000000', 257);
  block.write(`${octal(checksum(block), 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

/** The sum of all bytes, those of the checksum itself taken as blanks. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

/** `LENGTH key=value\n`, where the length counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  const length = bytes + String(bytes + String(bytes).length).length;
  return `${length}${rest}`;
}

function parsePax(bytes: Buffer): Record<string, string> {
  const records: Record<string, string> = {};
  for (let at = 0; at < bytes.length;) {
    const length = Number.parseInt(bytes.toString('latin1', at, at + 12), 10);
    if (!(length > 0)) throw damaged('an extended header cannot be read');
    const record = bytes.toString('utf8', at, at + length - 1);
    const [, key, value] = /^\d+ ([^=]+)=(.*)$/s.exec(record) ?? [];
    if (key !== undefined && value !== undefined) records[key] = value;
    at += length;
  }
  return records;
}

function parseHeader(
  block: Buffer,
  extension: Readonly<Record<string, string>>,
): { readonly entry: TarEntry; readonly type: string } {
  if (Number.parseInt(text(block, 148, 8), 8) !== checksum(block)) throw damaged('a header is not what it was');
  const type = text(block, 156, 1) || '0';
  if (!['0', '2', 'x'].includes(type)) throw damaged(`it has an entry of type ${type}`);
  const path = extension['path'] ?? text(block, 0, NAME_BYTES);
  const size = Number(extension['size'] ?? Number.parseInt(text(block, 124, 12), 8));
  const mode = Number.parseInt(text(block, 100, 8), 8);
  if (path === '' || path.startsWith('/') || path.split('/').includes('..')) throw damaged(`it has the path ${path}`);
  if (type !== '2') return { type, entry: { path, kind: 'file', mode, size } };
  const target = extension['linkpath'] ?? text(block, 157, NAME_BYTES);
  return { type, entry: { path, kind: 'link', mode, size: 0, target } };
}

function text(block: Buffer, start: number, length: number): string {
  const end = block.indexOf(0, start);
  return block.toString('utf8', start, end < 0 ? start + length : Math.min(end, start + length));
}

function damaged(why: string): RestageError {
  return new RestageError('snapshot/damaged', `an archive of files cannot be read: ${why}`);
}
