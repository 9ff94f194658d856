import { z } from 'zod';
import { RestageError } from '../../errors.ts';
import { TreeArchive } from '../../model/environment.ts';
import type { Digest } from '../../model/id.ts';
import type { Files } from '../../platform/files.ts';
import type { TreeEntry } from '../../platform/list-tree.ts';

/** A file that changed less than this before it was read may change again within the same tick of the clock, in ms. */
const TICK_MS = 100;
/** How many archives of one tree are remembered. */
const ARCHIVES = 8;

const HEX = /^[0-9a-f]{64}$/;

const Remembered = z.strictObject({
  format: z.literal(1),
  archives: z.array(z.strictObject({ tree: z.string(), archive: TreeArchive })),
  /** By path: inode, size, modified, changed, mode, digest without its prefix. Each is looked at when it is asked for. */
  files: z.custom<Readonly<Record<string, unknown>>>((value) => typeof value === 'object' && value !== null),
});

/** Digests of files by what the file system says of them, as git's index has it. */
export interface StatCache {
  /** The digest of a file that has not been touched since it was read; `undefined` if it may have been. */
  digestOf(entry: TreeEntry): Digest | undefined;
  /** The archive of a tree with these files. */
  archiveOf(tree: Digest): TreeArchive | undefined;
  /** Remembers a tree as it was read. A place that cannot be written is fine: then nothing is remembered. */
  write(
    found: readonly { readonly file: { readonly digest: Digest }; readonly entry: TreeEntry }[],
    scan: Scan,
  ): Promise<void>;
}

/** A scan of a whole tree. */
interface Scan {
  readonly tree: Digest;
  readonly archive: TreeArchive;
  /** ms since the epoch. */
  readonly began: number;
}

/** Reads a cache; one that is missing or cannot be read is empty. */
export async function readStatCache(path: string, files: Pick<Files, 'readIfExists' | 'write'>): Promise<StatCache> {
  const remembered = parse(await files.readIfExists(path));
  return {
    digestOf: ({ path: name, inode, size, modified, changed, mode }) => {
      const known = Object.hasOwn(remembered.files, name) ? remembered.files[name] : undefined;
      if (!Array.isArray(known)) return undefined;
      const isSame = [inode, size, modified, changed, mode].every((value, index) => known[index] === value);
      const digest: unknown = known[5];
      return isSame && typeof digest === 'string' && HEX.test(digest) ? (`sha256:${digest}` as Digest) : undefined;
    },
    archiveOf: (tree) => remembered.archives.find((one) => one.tree === tree)?.archive,
    write: async (found, { tree, archive, began }) => {
      const settled = found.filter(
        ({ entry }) => entry.kind === 'file' && Math.max(entry.changed, entry.modified) < began - TICK_MS,
      );
      const value: z.infer<typeof Remembered> = {
        format: 1,
        archives: [{ tree, archive }, ...remembered.archives.filter((one) => one.tree !== tree)].slice(0, ARCHIVES),
        files: Object.fromEntries(
          settled.map(({ file, entry: { path: name, inode, size, modified, changed, mode } }) => [
            name,
            [inode, size, modified, changed, mode, file.digest.slice('sha256:'.length)],
          ]),
        ),
      };
      try {
        await files.write(path, JSON.stringify(value));
      } catch (error) {
        if (!(error instanceof RestageError)) throw error;
      }
    },
  };
}

function parse(text: string | undefined): z.infer<typeof Remembered> {
  const empty = { format: 1 as const, archives: [], files: {} };
  if (text === undefined) return empty;
  try {
    return Remembered.parse(JSON.parse(text));
  } catch {
    return empty;
  }
}
