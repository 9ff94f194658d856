import { createHash } from 'node:crypto';
import { createTarDecoder, createTarPacker, packTar, type TarHeader } from 'modern-tar';
import { RestageError } from '../errors.ts';
import type { Digest } from '../model/id.ts';
import { dateOf } from '../model/time.ts';
import type { Files } from '../platform/files.ts';

/**
 * A bundle is a snapshot with all that it holds on to, in one tar file that every tar can list:
 *
 *     snapshot.snap           the snapshot as the store has it
 *     content/sha256/HEX      each kept content, in the order of digests
 *     sha256                  the sha256 of all bytes before this entry, as 64 hex digits and a newline
 *
 * Equal snapshots give equal bytes: no times, no owners. The last entry covers what tar itself does not check, such as
 * padding, so that one flipped bit anywhere is found.
 */
export const SNAP_ENTRY = 'snapshot.snap';

/** One member of a bundle that is to be written. */
export interface BundleEntry {
  readonly name: string;
  readonly size: number;
  readonly open: () => Promise<AsyncIterable<Uint8Array>>;
}

/** One member of a bundle that is being read; its body must be read to its end or cancelled. */
export interface ReadEntry {
  readonly name: string;
  readonly size: number;
  readonly body: AsyncIterable<Uint8Array>;
  readonly skip: () => Promise<void>;
}

const SEAL_ENTRY = 'sha256';
/** Two blocks of zeros. */
const END_SIZE = 1024;
/** Header, body and end of the last entry. */
const SEAL_SIZE = 512 + 512 + END_SIZE;

/** The name of a content in a bundle. */
export function contentEntry(digest: Digest): string {
  return `content/${digest.replace(':', '/')}`;
}

/** The digest of a member of a bundle; `undefined` if it is no content. */
export function digestOfEntry(name: string): Digest | undefined {
  return /^content\/sha256\/[0-9a-f]{64}$/.test(name) ? (name.slice(8).replace('/', ':') as Digest) : undefined;
}

/** The bytes of a bundle, in bounded memory. */
export async function* packBundle(entries: readonly BundleEntry[]): AsyncGenerator<Uint8Array> {
  const { readable, controller } = createTarPacker();
  const fed = feed(entries, controller);
  fed.catch(() => undefined); // It is awaited below, after the readable has failed with it.
  const hash = createHash('sha256');
  for await (const part of withoutEnd(readable)) {
    hash.update(part);
    yield part;
  }
  await fed;
  yield await sealEntry(hash.digest('hex'));
}

/** Whether the file ends with the sha256 of all that stands before; reads it once. */
export async function isSealedBundle(file: string, files: Pick<Files, 'stat' | 'stream' | 'open'>): Promise<boolean> {
  const size = (await files.stat(file))?.size ?? 0;
  if (size <= SEAL_SIZE) return false;
  const hash = createHash('sha256');
  const before = files.stream(file, { start: 0, end: size - SEAL_SIZE }) as AsyncIterable<Buffer>;
  for await (const part of before) hash.update(part);
  await using open = await files.open(file, 'read');
  const end = await open.read(size - SEAL_SIZE, SEAL_SIZE);
  return end.equals(await sealEntry(hash.digest('hex')));
}

/**
 * The members of a bundle in their order, but for the seal. What is no plain file (a link, a device, a directory) is
 * refused, so that nothing of a bundle ever becomes a path.
 *
 * @throws {RestageError} `bundle/damaged`
 */
export async function* readBundle(file: string, files: Pick<Files, 'stream'>): AsyncGenerator<ReadEntry> {
  const bytes = ReadableStream.from<Uint8Array>(files.stream(file) as AsyncIterable<Buffer>);
  const decoder = createTarDecoder({ strict: true });
  let last = 'its beginning';
  try {
    for await (const { header, body } of bytes.pipeThrough(decoder)) {
      last = JSON.stringify(header.name);
      if (header.type !== 'file') throw damagedBundle(file, `${last} is a ${header.type ?? 'thing'} and no file`);
      if (header.name === SEAL_ENTRY) await body.cancel();
      else yield { name: header.name, size: header.size, body, skip: () => body.cancel() };
    }
  } catch (error) {
    if (error instanceof RestageError) throw error;
    throw damagedBundle(file, `it cannot be read behind ${last}`, error);
  }
}

/** The error for a bundle of which something is not as it was written. */
export function damagedBundle(file: string, why: string, cause?: unknown): RestageError {
  return new RestageError('bundle/damaged', `${file} is damaged: ${why}`, { details: { file, why }, cause });
}

function headerOf(name: string, size: number): TarHeader {
  return { name, size, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: dateOf(0) };
}

async function feed(
  entries: readonly BundleEntry[],
  controller: ReturnType<typeof createTarPacker>['controller'],
): Promise<void> {
  try {
    for (const { name, size, open } of entries) {
      const writer = controller.add(headerOf(name, size)).getWriter();
      for await (const part of await open()) await writer.write(part);
      await writer.close();
    }
    controller.finalize();
  } catch (error) {
    controller.error(error);
    throw error;
  }
}

/** All but the last bytes, which mark the end of an archive: the seal comes before them. */
async function* withoutEnd(readable: ReadableStream<Uint8Array>): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0);
  for await (const part of readable) {
    held = Buffer.concat([held, part]);
    if (held.length <= END_SIZE) continue;
    yield held.subarray(0, held.length - END_SIZE);
    held = held.subarray(held.length - END_SIZE);
  }
}

async function sealEntry(hex: string): Promise<Uint8Array> {
  const body = `${hex}\n`;
  return packTar([{ header: headerOf(SEAL_ENTRY, body.length), body }]);
}
