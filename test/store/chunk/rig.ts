import { createCipheriv, createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { Digest } from '../../../src/model/id.ts';
import type { Context } from '../../../src/platform/context.ts';
import type { Files } from '../../../src/platform/files.ts';
import type { ByteRange } from '../../../src/store/contract.ts';
import type { ChunkPlane } from '../../../src/store/chunk/contract.ts';
import { openChunkPlane } from '../../../src/store/chunk/open.ts';
import { testContext } from '../../rig/context.ts';
import { temporaryDirectory } from '../../rig/temporary-directory.ts';

/** A chunk plane in a directory of its own. Gone when disposed. */
export interface ChunkRig extends AsyncDisposable {
  /** Where the plane lies. */
  readonly root: string;
  readonly plane: ChunkPlane;
  /** Another opening of the same plane, as another process would have it. Closed with the rig. */
  readonly open: (mode?: 'write' | 'read', overrides?: Partial<Context>) => Promise<ChunkPlane>;
}

/** Makes one. */
export async function chunkRig(overrides: Partial<Context> = {}): Promise<ChunkRig> {
  const directory = temporaryDirectory();
  const root = join(directory.path, 'chunks');
  const opened: ChunkPlane[] = [];
  const open = async (mode: 'create' | 'write' | 'read', others: Partial<Context>) => {
    const plane = await openChunkPlane(root, mode, testContext(others));
    opened.push(plane);
    return plane;
  };
  return {
    root,
    plane: await open('create', overrides),
    open: (mode = 'write', others = {}) => open(mode, others),
    [Symbol.asyncDispose]: async () => {
      await Promise.all(opened.map((plane) => plane.close()));
      directory[Symbol.dispose]();
    },
  };
}

/** Bytes that look random and are the same every time: the key stream of AES-128 in counter mode. */
export function noise(size: number, seed = ''): Buffer {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** Lines of text, which can be compressed. */
export function text(size: number, seed = ''): Buffer {
  return Buffer.from(
    noise(Math.ceil(size / 3), seed)
      .toString('hex')
      .replaceAll('a', ' status=ok\n'),
  ).subarray(0, size);
}

/** The whole content of a blob, or a part of it. */
export async function contentOf(plane: ChunkPlane, digest: Digest, range?: ByteRange): Promise<Buffer> {
  const reader = await plane.readBlob(digest, range);
  if (!reader) throw new Error(`there is no ${digest}`);
  return buffer(reader.stream);
}

/** The files of a plane that end so, whole paths, sorted. */
export function filesOf(root: string, suffix: string): string[] {
  return readdirSync(join(root, 'pack'))
    .filter((name) => name.endsWith(suffix))
    .sort()
    .map((name) => join(root, 'pack', name));
}

/** What a file system does that fails at one of its effects, and from then on if it says so. */
export interface FailingFiles {
  readonly files: Files;
  /** Effects that there were; the failure has happened when this is above `at`. */
  readonly effects: () => number;
}

/** Files whose effect number `at` (and, for a crash, all after it) rejects with what `fail` gives. */
export function failingFiles(files: Files, at: number, fail: () => Error, isCrash: boolean): FailingFiles {
  let count = 0;
  const guard = async <Value>(call: () => Promise<Value>): Promise<Value> => {
    const number = count++;
    if (number === at || (isCrash && number > at)) throw fail();
    return call();
  };
  const open: Files['open'] = async (path, mode) => {
    const file = await (mode === 'read' ? files.open(path, mode) : guard(() => files.open(path, mode)));
    return {
      ...file,
      write: (position, bytes) => guard(() => file.write(position, bytes)),
      sync: () => guard(() => file.sync()),
      truncate: (size) => guard(() => file.truncate(size)),
    };
  };
  // What only removes cannot fill a disk, but a process that has crashed does not do it either.
  const remove: Files['remove'] = (path) => (isCrash ? guard(() => files.remove(path)) : files.remove(path));
  const failing: Files = {
    ...files,
    open,
    remove,
    write: (path, content, options) => guard(() => files.write(path, content, options)),
    create: (path, content, options) => guard(() => files.create(path, content, options)),
    rename: (from, to) => guard(() => files.rename(from, to)),
    link: (from, to) => guard(() => files.link(from, to)),
    syncDirectory: (path) => guard(() => files.syncDirectory(path)),
    makeDirectory: (path, mode) => guard(() => files.makeDirectory(path, mode)),
  };
  return { files: failing, effects: () => count };
}

/** The context of a process that no longer lives. */
export function deadHost(): Partial<Context> {
  return { host: { ...testContext().host, pid: 2 ** 30, startTicks: 1 } };
}
