import { createHash } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import type { ObjectId, ObjectKind } from './object.ts';
import { storeAsZlib } from './stored-zlib.ts';

/** An object on its way into a pack. */
export interface PackObject {
  readonly id: ObjectId;
  readonly kind: ObjectKind;
  /** Its body, in parts. */
  readonly parts: readonly Uint8Array[];
  /** How to make it from an object that stands before it in the same pack, when that is shorter. */
  readonly delta?: { readonly base: ObjectId; readonly bytes: Buffer };
}

/** A pack, complete. */
export interface EncodedPack {
  /** The sha1 at its end, in hex: also its name. */
  readonly checksum: string;
  readonly parts: readonly Uint8Array[];
  readonly entries: readonly PackedEntry[];
}

/** Where an object lies in a pack. */
export interface PackedEntry {
  readonly id: ObjectId;
  readonly offset: number;
  readonly crc: number;
}

/** Numbers of the kinds, as git has them. */
export const PACK_KINDS: readonly (ObjectKind | undefined)[] = [undefined, 'commit', 'tree', 'blob', 'tag'];
/** A delta whose base is named by distance. */
export const OFFSET_DELTA = 6;
/** A delta whose base is named by id. */
export const REF_DELTA = 7;

/** Trees in more pieces than this are stored and not deflated: zlib would be the wall. git deflates them when it repacks. */
const STORED_TREE = 16;
/** Bodies up to this many bytes are stored. */
const TINY = 128;

/** Writes pack version 2. Objects keep their order. */
export function encodePack(objects: readonly PackObject[]): EncodedPack {
  const sha = createHash('sha1');
  const parts: Uint8Array[] = [];
  const entries: PackedEntry[] = [];
  const offsets = new Map<ObjectId, number>();
  let offset = 0;
  const push = (part: Uint8Array) => {
    parts.push(part);
    sha.update(part);
    offset += part.length;
  };
  push(packHeader(objects.length));
  for (const object of objects) {
    const start = offset;
    const written = encodeEntry(object, start, offsets);
    let crc = 0;
    for (const part of written) {
      crc = crc32(part, crc);
      push(part);
    }
    offsets.set(object.id, start);
    entries.push({ id: object.id, offset: start, crc });
  }
  const end = sha.digest();
  parts.push(end);
  return { checksum: end.toString('hex'), parts, entries };
}

/**
 * The delta between two texts in parts, such as two versions of a big tree. Parts that both share are not looked into;
 * of two that stand at the same place, beginning and end are taken over.
 */
export function encodeDelta(base: readonly Uint8Array[], target: readonly Uint8Array[]): Buffer {
  const same = sharedParts(base, target);
  const [from, to] = [base, target].map((parts) => parts.slice(same.first, parts.length - same.last));
  const isAligned = from?.length === to?.length;
  const olds = isAligned ? (from ?? []) : [Buffer.concat(from ?? [])];
  const news = isAligned ? (to ?? []) : [Buffer.concat(to ?? [])];
  const fromSize = lengthOf(base);
  const delta: Uint8Array[] = [sizeBytes(fromSize), sizeBytes(lengthOf(target))];
  // What is copied from neighbouring places is copied at once.
  let run = { start: 0, size: same.firstBytes };
  const copy = (start: number, size: number) => {
    if (start === run.start + run.size) run = { start: run.start, size: run.size + size };
    else {
      delta.push(...copyOps(run.start, run.size));
      run = { start, size };
    }
  };
  let at = same.firstBytes;
  for (const [index, old] of olds.entries()) {
    const fresh = news[index] ?? old;
    const { head, tail } = old === fresh ? { head: old.length, tail: 0 } : commonEnds(old, fresh);
    copy(at, head);
    if (head + tail < fresh.length) {
      delta.push(...copyOps(run.start, run.size), ...insertOps(fresh.subarray(head, fresh.length - tail)));
      run = { start: at + old.length - tail, size: 0 };
    }
    copy(at + old.length - tail, tail);
    at += old.length;
  }
  copy(fromSize - same.lastBytes, same.lastBytes);
  return Buffer.concat([...delta, ...copyOps(run.start, run.size)]);
}

/** Applies a delta. Answers `undefined` when it does not fit its base. */
export function applyDelta(base: Buffer, delta: Buffer): Buffer | undefined {
  const from = readSize(delta, 0);
  const to = readSize(delta, from.next);
  if (from.size !== base.length) return undefined;
  const result = Buffer.allocUnsafe(to.size);
  let written = 0;
  for (let at = to.next; at < delta.length;) {
    const op = delta[at++] ?? 0;
    if (op === 0) return undefined;
    if (op < 0x80) {
      written += delta.copy(result, written, at, at + op);
      at += op;
    } else {
      const { start, size, next } = readCopy(delta, at, op);
      written += base.copy(result, written, start, start + size);
      at = next;
    }
  }
  return written === to.size ? result : undefined;
}

/** Which part of the base is meant: bits of `op` say which bytes of the position and the length are there. */
function readCopy(delta: Buffer, from: number, op: number) {
  let at = from;
  const field = (bytes: number, firstBit: number): number => {
    let value = 0;
    for (let byte = 0; byte < bytes; byte++) if (op & (firstBit << byte)) value += (delta[at++] ?? 0) * 2 ** (8 * byte);
    return value;
  };
  const start = field(4, 1);
  const size = field(3, 16) || 0x10000;
  return { start, size, next: at };
}

function packHeader(count: number): Buffer {
  const header = Buffer.from('PACK\x00\x00\x00\x02\x00\x00\x00\x00', 'latin1');
  header.writeUInt32BE(count, 8);
  return header;
}

function encodeEntry(object: PackObject, start: number, offsets: ReadonlyMap<ObjectId, number>): Uint8Array[] {
  const base = object.delta && offsets.get(object.delta.base);
  if (object.delta && base !== undefined) {
    const { bytes } = object.delta;
    return [entryHeader(OFFSET_DELTA, bytes.length), distanceBytes(start - base), deflate(bytes)];
  }
  const header = entryHeader(PACK_KINDS.indexOf(object.kind), lengthOf(object.parts));
  // A tree in many pieces is big, and ids do not compress.
  if (object.kind === 'tree' && object.parts.length > STORED_TREE) return [header, ...storeAsZlib(object.parts)];
  const [only] = object.parts;
  return [header, deflate(object.parts.length === 1 && only ? only : Buffer.concat(object.parts))];
}

/** What is tiny does not get smaller, and a small window makes zlib twice as fast for what is small. */
function deflate(body: Uint8Array): Buffer {
  if (body.length <= TINY) return Buffer.concat(storeAsZlib([body]));
  return deflateSync(body, body.length <= 4096 ? { level: 1, windowBits: 12, memLevel: 4 } : { level: 1 });
}

function entryHeader(kind: number, size: number): Buffer {
  const bytes = [(kind << 4) | (size % 16)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) | 0x80;
    bytes.push(rest % 128);
  }
  return Buffer.from(bytes);
}

function distanceBytes(distance: number): Buffer {
  const bytes = [distance % 128];
  for (let rest = Math.floor(distance / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest -= 1;
    bytes.unshift(0x80 | (rest % 128));
  }
  return Buffer.from(bytes);
}

function sizeBytes(size: number): Buffer {
  const bytes: number[] = [];
  let rest = size;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(0x80 | (rest % 128));
  return Buffer.from([...bytes, rest]);
}

function readSize(delta: Buffer, start: number): { readonly size: number; readonly next: number } {
  let size = 0;
  let factor = 1;
  let at = start;
  for (let byte = 0x80; byte & 0x80; factor *= 128) {
    byte = delta[at++] ?? 0;
    size += (byte & 0x7f) * factor;
  }
  return { size, next: at };
}

/** Copies may take 64 KiB each: what every git can read. */
function copyOps(start: number, size: number): Buffer[] {
  const ops: Buffer[] = [];
  for (let done = 0; done < size; done += 0x10000) {
    const length = Math.min(0x10000, size - done);
    const from = start + done;
    const bytes = [0x80];
    for (let bit = 0; bit < 4; bit++) pushField(bytes, 1 << bit, Math.floor(from / 2 ** (8 * bit)) % 256);
    // A length of 64 KiB is written as none.
    for (let bit = 0; bit < 2; bit++) pushField(bytes, 16 << bit, (length >> (8 * bit)) & 0xff);
    ops.push(Buffer.from(bytes));
  }
  return ops;
}

function pushField(bytes: number[], flag: number, value: number): void {
  if (value === 0) return;
  bytes[0] = (bytes[0] ?? 0) | flag;
  bytes.push(value);
}

/** How many parts two lists have in common at their beginning and at their end, because they are the very same. */
function sharedParts(base: readonly Uint8Array[], target: readonly Uint8Array[]) {
  const limit = Math.min(base.length, target.length);
  let [first, last, firstBytes, lastBytes] = [0, 0, 0, 0];
  while (first < limit && base[first] === target[first]) firstBytes += base[first++]?.length ?? 0;
  while (last < limit - first && base.at(-1 - last) === target.at(-1 - last))
    lastBytes += base.at(-1 - last++)?.length ?? 0;
  return { first, last, firstBytes, lastBytes };
}

/** How many bytes two parts have in common at their beginning and, behind that, at their end. */
function commonEnds(a: Uint8Array, b: Uint8Array): { readonly head: number; readonly tail: number } {
  const limit = Math.min(a.length, b.length);
  let [head, tail] = [0, 0];
  while (head < limit && a[head] === b[head]) head++;
  while (tail < limit - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  return { head, tail };
}

function insertOps(bytes: Uint8Array): Uint8Array[] {
  const ops: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 127) {
    const part = bytes.subarray(at, at + 127);
    ops.push(Buffer.from([part.length]), part);
  }
  return ops;
}

function lengthOf(parts: readonly Uint8Array[]): number {
  return parts.reduce((sum, part) => sum + part.length, 0);
}
