import { RestageError } from '../../errors.ts';
import { type ObjectId, objectId } from './object.ts';

/** One line of a tree. */
export interface TreeEntry {
  /** As git writes it: `40000` for a tree, `100644` for a file. */
  readonly mode: string;
  readonly name: string;
  readonly id: ObjectId;
}

/**
 * A tree in pieces of some kilobytes, never changed: an edit makes one piece anew and shares the others. So a tree of
 * 10,000 members costs a change no more than one of 100, apart from its sha1.
 */
export interface Tree {
  readonly pieces: readonly TreePiece[];
}

/** Some neighbouring entries, as git stores them, and where they lie. */
export interface TreePiece {
  readonly bytes: Buffer;
  /** Where each entry begins; one more at the end. */
  readonly offsets: readonly number[];
  /** What the first entry is sorted by. */
  readonly first: string;
}

/** Mode of a tree in a tree. */
export const TREE_MODE = '40000';
/** Mode of a file in a tree. */
export const FILE_MODE = '100644';
/** The tree that holds nothing. */
export const EMPTY_TREE: Tree = { pieces: [] };

/** Bytes at which a piece is full. */
const PIECE = 4096;
const ID_BYTES = 20;
/** `40000` is the only mode that begins with a 4, and the only one of five digits. */
const TREE_DIGIT = 0x34;

/** Reads a tree. @throws {RestageError} `store/damaged` */
export function parseTree(bytes: Buffer): Tree {
  return { pieces: cut(bytes) };
}

/** A tree as git stores it, in parts. */
export function treeParts(tree: Tree): Buffer[] {
  return tree.pieces.map(({ bytes }) => bytes);
}

/** The id of a tree. */
export function treeId(tree: Tree): ObjectId {
  return objectId('tree', ...treeParts(tree));
}

/** The entry with a name, tree or file. */
export function findEntry(tree: Tree, name: string): TreeEntry | undefined {
  return findKey(tree, `${keyText(name)}/`) ?? findKey(tree, keyText(name));
}

/** All entries in the order of git. */
export function* entriesOf(tree: Tree): Generator<TreeEntry> {
  for (const piece of tree.pieces) for (let at = 0; at < entryCount(piece); at++) yield entryAt(piece, at);
}

/** A tree with an entry, new or in place of that with its name and kind. */
export function withEntry(tree: Tree, entry: TreeEntry): Tree {
  const key = sortKey(entry);
  const line = Buffer.concat([Buffer.from(`${entry.mode} ${entry.name}\0`), Buffer.from(entry.id, 'hex')]);
  const index = Math.max(pieceOf(tree, key), 0);
  const piece = tree.pieces[index];
  if (!piece) return { pieces: [{ bytes: line, offsets: [0, line.length], first: key }] };
  const { at, isThere } = position(piece, key);
  const start = piece.offsets[at] ?? piece.bytes.length;
  const end = isThere ? (piece.offsets[at + 1] ?? start) : start;
  const bytes = Buffer.concat([piece.bytes.subarray(0, start), line, piece.bytes.subarray(end)]);
  if (end - start === line.length) return replacePiece(tree, index, [{ ...piece, bytes }]);
  return replacePiece(tree, index, bytes.length > 2 * PIECE ? cut(bytes) : [readPiece(bytes, 0, Infinity)]);
}

/** A tree without an entry; the same tree if it has none of that name. */
export function withoutEntry(tree: Tree, name: string): Tree {
  const entry = findEntry(tree, name);
  const key = entry && sortKey(entry);
  const index = key === undefined ? -1 : pieceOf(tree, key);
  const piece = tree.pieces[index];
  if (!piece || key === undefined) return tree;
  const { at } = position(piece, key);
  const rest = [piece.bytes.subarray(0, piece.offsets[at]), piece.bytes.subarray(piece.offsets[at + 1])];
  const bytes = Buffer.concat(rest);
  return replacePiece(tree, index, bytes.length === 0 ? [] : [readPiece(bytes, 0, Infinity)]);
}

function replacePiece(tree: Tree, index: number, pieces: readonly TreePiece[]): Tree {
  return { pieces: [...tree.pieces.slice(0, index), ...pieces, ...tree.pieces.slice(index + 1)] };
}

function findKey(tree: Tree, key: string): TreeEntry | undefined {
  const piece = tree.pieces[pieceOf(tree, key)];
  if (!piece) return undefined;
  const { at, isThere } = position(piece, key);
  return isThere ? entryAt(piece, at) : undefined;
}

/** The last piece whose first key is not above `key`; -1 if there is none. */
function pieceOf(tree: Tree, key: string): number {
  let low = 0;
  let high = tree.pieces.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((tree.pieces[middle]?.first ?? '') <= key) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Where `key` stands or would stand. */
function position(piece: TreePiece, key: string): { readonly at: number; readonly isThere: boolean } {
  let low = 0;
  let high = entryCount(piece);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyAt(piece, middle) < key) low = middle + 1;
    else high = middle;
  }
  return { at: low, isThere: low < entryCount(piece) && keyAt(piece, low) === key };
}

function entryCount({ offsets }: TreePiece): number {
  return offsets.length - 1;
}

/** Keys are made when they are asked for: a lookup wants seven of ten thousand. */
function keyAt({ bytes, offsets }: TreePiece, at: number): string {
  return keyOfEntry(bytes, offsets[at] ?? 0, offsets[at + 1] ?? bytes.length);
}

function keyOfEntry(bytes: Buffer, start: number, end: number): string {
  const isTree = bytes[start] === TREE_DIGIT;
  return bytes.toString('latin1', start + (isTree ? 6 : 7), end - ID_BYTES - 1) + (isTree ? '/' : '');
}

function entryAt({ bytes, offsets }: TreePiece, at: number): TreeEntry {
  const start = offsets[at] ?? 0;
  const end = offsets[at + 1] ?? bytes.length;
  const blank = bytes.indexOf(0x20, start);
  return {
    mode: bytes.toString('latin1', start, blank),
    name: bytes.toString('utf8', blank + 1, end - ID_BYTES - 1),
    id: bytes.toString('hex', end - ID_BYTES, end),
  };
}

function cut(bytes: Buffer): TreePiece[] {
  const pieces: TreePiece[] = [];
  for (let start = 0; start < bytes.length;) {
    const piece = readPiece(bytes, start, PIECE);
    pieces.push(piece);
    start += piece.bytes.length;
  }
  return pieces;
}

function readPiece(bytes: Buffer, start: number, full: number): TreePiece {
  const offsets = [0];
  let at = start;
  while (at < bytes.length && at - start < full) {
    const isSound = bytes[at + (bytes[at] === TREE_DIGIT ? 5 : 6)] === 0x20;
    let zero = at;
    while (zero < bytes.length && bytes[zero] !== 0) zero++;
    const end = zero + 1 + ID_BYTES;
    if (!isSound || end > bytes.length) throw new RestageError('store/damaged', 'a tree of the history is torn');
    offsets.push(end - start);
    at = end;
  }
  return { bytes: bytes.subarray(start, at), offsets, first: keyOfEntry(bytes, start, start + (offsets[1] ?? 0)) };
}

function sortKey({ mode, name }: TreeEntry): string {
  return keyText(name) + (mode === TREE_MODE ? '/' : '');
}

/** git orders names by their bytes; so does JavaScript once each byte is a character. */
function keyText(name: string): string {
  return Buffer.from(name).toString('latin1');
}
