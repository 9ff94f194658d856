import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';

/**
 * The disk of a simulated node, byte by byte: a boot block of 4 KiB (`restage sim disk 1`, a line with the kernel), the
 * files as one JSON object padded with zeros up to 64 KiB, and content that stands for a system.
 */
export const DISK_SIZE = 256 * 1024;

/** Bytes of a block: what the agent writes at once. */
export const BLOCK_SIZE = 16 * 1024;

const BOOT_SIZE = 4096;
const FILES_END = 64 * 1024;
const MAGIC = 'restage sim disk 1\n';
const MARK = 'restage: incomplete image ';

/** The files of a disk: content by absolute path. */
export type DiskFiles = Readonly<Record<string, string>>;

/** Makes a disk. Equal arguments give equal bytes. */
export function makeDisk(kernel: string, files: DiskFiles): Buffer {
  const disk = Buffer.alloc(DISK_SIZE);
  disk.write(`${MAGIC}${kernel}\n`);
  writeFiles(disk, files);
  for (let at = FILES_END, block = 0; at < DISK_SIZE; at += 32, block++) {
    createHash('sha256').update(`${kernel} ${block}`).digest().copy(disk, at);
  }
  return disk;
}

/** The kernel that a disk boots; `undefined` if it does not boot, such as one that was written half-way. */
export function bootedKernel(disk: Buffer): string | undefined {
  const text = disk.toString('utf8', 0, BOOT_SIZE);
  return text.startsWith(MAGIC) ? text.slice(MAGIC.length).split('\n')[0] : undefined;
}

/** The files of a disk. */
export function readFiles(disk: Buffer): DiskFiles {
  const text = disk.toString('utf8', BOOT_SIZE, FILES_END).replace(/\0+$/, '');
  return JSON.parse(text === '' ? '{}' : text) as DiskFiles;
}

/** Replaces the files of a disk in place. */
export function writeFiles(disk: Buffer, files: DiskFiles): void {
  const bytes = Buffer.from(JSON.stringify(files));
  if (bytes.length > FILES_END - BOOT_SIZE) throw new Error('the disk of this node is full');
  disk.fill(0, BOOT_SIZE, FILES_END);
  bytes.copy(disk, BOOT_SIZE);
}

/** The first block of a disk that is being written by a run. */
export function incompleteMark(run: string): Buffer {
  const block = Buffer.alloc(BLOCK_SIZE);
  block.write(`${MARK}${run}`);
  return block;
}
