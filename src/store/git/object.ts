import { createHash } from 'node:crypto';
import { RestageError } from '../../errors.ts';

/** What git can hold. */
export type ObjectKind = 'commit' | 'tree' | 'blob' | 'tag';

/** The name of an object: 40 hex digits, sha1 over its header and its body. */
export type ObjectId = string;

/** An object of git, whole. */
export interface GitObject {
  readonly kind: ObjectKind;
  readonly body: Buffer;
}

/** What a commit says. */
export interface Commit {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: Signature;
  readonly committer: Signature;
  readonly message: string;
}

/** Who did something when. */
export interface Signature {
  readonly name: string;
  readonly email: string;
  /** Seconds since the epoch. */
  readonly time: number;
}

/** The id of an object whose body is given in parts. */
export function objectId(kind: ObjectKind, ...parts: readonly Uint8Array[]): ObjectId {
  let size = 0;
  for (const part of parts) size += part.length;
  const sha = createHash('sha1').update(`${kind} ${size}\0`);
  for (const part of parts) sha.update(part);
  return sha.digest('hex');
}

/** Writes the body of a commit. Author and committer are one and the same. */
export function encodeCommit(commit: Pick<Commit, 'tree' | 'parents' | 'committer' | 'message'>): Buffer {
  const { name, email, time } = commit.committer;
  const who = `${signaturePart(name) || 'unknown'} <${signaturePart(email)}> ${time} +0000`;
  const parents = commit.parents.map((parent) => `parent ${parent}\n`).join('');
  return Buffer.from(`tree ${commit.tree}\n${parents}author ${who}\ncommitter ${who}\n\n${commit.message}`);
}

/** Reads the body of a commit, ours or anybody's. @throws {RestageError} `store/damaged` */
export function parseCommit(body: Buffer): Commit {
  const text = body.toString('utf8');
  const end = text.indexOf('\n\n');
  const headers = (end < 0 ? text : text.slice(0, end)).split('\n');
  const all = (key: string) =>
    headers.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
  const [tree] = all('tree');
  if (tree === undefined) throw new RestageError('store/damaged', 'a commit of the history names no tree');
  return {
    tree,
    parents: all('parent'),
    author: parseSignature(all('author').at(0) ?? ''),
    committer: parseSignature(all('committer').at(0) ?? ''),
    message: end < 0 ? '' : text.slice(end + 2),
  };
}

/** The commit that an annotated tag points to, if it points to one. */
export function parseTagTarget(body: Buffer): ObjectId | undefined {
  return /^object ([0-9a-f]{40})\ntype (?:commit|tag)\n/.exec(body.toString('latin1'))?.[1];
}

function parseSignature(text: string): Signature {
  const [, name = '', email = '', time = '0'] = /^(.*?) ?<([^<>]*)> (\d+)/.exec(text) ?? [];
  return { name, email, time: Number(time) };
}

/** git refuses these characters, and trims some at the ends. */
function signaturePart(text: string): string {
  return text.replace(/[\p{Cc}<>]+/gu, ' ').replace(/^[\s.,:;"'\\]+|[\s.,:;"'\\]+$/g, '');
}
