import type { OpenFile } from '../../platform/files.ts';
import { isRecordWhole, PACK_MAGIC, readRecordHeader, RECORD_HEADER, type RecordHeader } from './pack-format.ts';

/** A record as it lies in a pack. */
export interface ScannedRecord {
  /** Where its header begins. */
  readonly offset: number;
  /** Where the next one begins. */
  readonly end: number;
  readonly header: RecordHeader;
  /** Header and stored bytes; a view that stays valid. */
  readonly bytes: Buffer;
  /** Whether its crc is right. */
  readonly isWhole: boolean;
}

/** How much of a pack is read at once. */
const WINDOW = 4 * 1024 * 1024;

/**
 * Reads the records of a pack from its beginning, damaged ones included, as far as their lengths make sense.
 *
 * Ends at the first bytes that can be no record: the end of the pack, a torn tail, or a damaged header.
 */
export async function* scanPack(file: Pick<OpenFile, 'read'>, size: number): AsyncGenerator<ScannedRecord> {
  const magic = await file.read(0, PACK_MAGIC.length);
  if (!magic.equals(PACK_MAGIC)) return;
  let window = { start: 0, bytes: Buffer.alloc(0) };
  for (let offset = PACK_MAGIC.length; offset < size;) {
    window = await cover(window, offset, RECORD_HEADER, file);
    const header = readRecordHeader(window.bytes, offset - window.start);
    if (!header || offset + RECORD_HEADER + header.stored > size) return;
    window = await cover(window, offset, RECORD_HEADER + header.stored, file);
    const at = offset - window.start;
    const end = offset + RECORD_HEADER + header.stored;
    const bytes = window.bytes.subarray(at, at + RECORD_HEADER + header.stored);
    if (bytes.length < RECORD_HEADER + header.stored) return;
    yield { offset, end, header, bytes, isWhole: isRecordWhole(window.bytes, at, header) };
    offset = end;
  }
}

async function cover(
  window: { readonly start: number; readonly bytes: Buffer<ArrayBuffer> },
  offset: number,
  length: number,
  file: Pick<OpenFile, 'read'>,
): Promise<{ start: number; bytes: Buffer<ArrayBuffer> }> {
  if (offset >= window.start && offset + length <= window.start + window.bytes.length) return window;
  const bytes = (await file.read(offset, Math.max(length, WINDOW))) as Buffer<ArrayBuffer>;
  return { start: offset, bytes };
}
