import { RestageError } from '../../errors.ts';
import { compareText } from '../../model/order.ts';
import type { Files } from '../../platform/files.ts';
import type { ObjectId } from './object.ts';

/** The files that refs need. */
export type RefFiles = Pick<Files, 'readIfExists' | 'stat' | 'list'>;

/** A file changed less than this long before it was read may change again without looking different. In ms. */
const RACY_MS = 50;

/** Reads refs of a git repository as git does: loose first, then `packed-refs`. */
export interface RefReader {
  /** The id that a ref holds. */
  read(name: string): Promise<ObjectId | undefined>;
  /** All refs at or below a prefix that ends in `/`, by name. */
  list(prefix: string): Promise<readonly { readonly name: string; readonly id: ObjectId }[]>;
}

/** Reads the refs of a repository; `now` is ms since the epoch. */
export function createRefReader(gitDirectory: string, files: RefFiles, now: () => number): RefReader {
  const packed = rereadWhenChanged(`${gitDirectory}/packed-refs`, files, now, parsePackedRefs);
  const loose = new Map<string, () => Promise<ObjectId | undefined>>();
  const readLoose = (name: string) => {
    let read = loose.get(name);
    if (!read) {
      read = rereadWhenChanged(`${gitDirectory}/${name}`, files, now, parseRef);
      loose.set(name, read);
    }
    return read();
  };
  const readRef = async (name: string, depth = 0): Promise<ObjectId | undefined> => {
    const value = await readLoose(name);
    const target = value === undefined ? undefined : symbolicTarget(value);
    if (target !== undefined) return depth < 5 ? readRef(target, depth + 1) : undefined;
    // git may have packed it between our two looks: then it is in the one we took second.
    return value ?? (await packed())?.get(name);
  };
  return {
    read: (name) => readRef(name),
    list: async (prefix) => {
      const names = new Set<string>();
      for (const name of await looseNames(`${gitDirectory}/${prefix.slice(0, -1)}`, prefix, files)) names.add(name);
      for (const name of (await packed())?.keys() ?? []) if (name.startsWith(prefix)) names.add(name);
      const refs: { readonly name: string; readonly id: ObjectId }[] = [];
      for (const name of [...names].sort(compareText)) {
        const id = await readRef(name);
        if (id !== undefined) refs.push({ name, id });
      }
      return refs;
    },
  };
}

/** Refuses what git would not take as the name of a ref, and what lies outside of what the store gives out. */
export function checkRefName(name: string): void {
  const isFine =
    /^refs\/(restage|tags|heads)\/[\w+.-]+(\/[\w+.-]+)*$/.test(name) &&
    !/\.\.|\/\.|\.(\/|$)|\.lock(\/|$)|\/-/.test(name) &&
    name.length <= 500;
  if (!isFine) {
    throw new RestageError('store/path', `${JSON.stringify(name)} is no name of a ref`, {
      hint: 'Use letters, digits, dot, dash and underscore below refs/restage/ or refs/tags/',
      details: { name },
    });
  }
}

/** Reads a loose ref: an id, or `ref: NAME`. */
export function parseRef(text: string): string | undefined {
  const line = text.trimEnd();
  return /^([0-9a-f]{40}|ref: refs\/.+)$/.test(line) ? line : undefined;
}

/** Reads `packed-refs`. */
export function parsePackedRefs(text: string): ReadonlyMap<string, ObjectId> {
  const refs = new Map<string, ObjectId>();
  for (const [, id = '', name = ''] of text.matchAll(/^([0-9a-f]{40}) (\S+)$/gm)) refs.set(name, id);
  return refs;
}

function symbolicTarget(value: string): string | undefined {
  return value.startsWith('ref: ') ? value.slice(5) : undefined;
}

/** A file that is read again only when it may have changed: one look at its attributes instead of three calls. */
function rereadWhenChanged<Value>(
  path: string,
  files: RefFiles,
  now: () => number,
  parse: (text: string) => Value | undefined,
): () => Promise<Value | undefined> {
  let known: { readonly stamp: string; readonly value: Value | undefined } | undefined;
  return async () => {
    const stat = await files.stat(path);
    if (!stat) {
      known = undefined;
      return undefined;
    }
    const stamp = `${stat.inode} ${stat.size} ${stat.modified} ${stat.changed}`;
    if (known?.stamp === stamp) return known.value;
    const readAt = now();
    const text = stat.kind === 'file' ? await files.readIfExists(path) : undefined;
    const value = text === undefined ? undefined : parse(text);
    known = readAt - stat.changed > RACY_MS ? { stamp, value } : undefined;
    return value;
  };
}

async function looseNames(directory: string, prefix: string, files: RefFiles): Promise<string[]> {
  const names: string[] = [];
  for (const { name, kind } of await files.list(directory)) {
    if (kind === 'directory') names.push(...(await looseNames(`${directory}/${name}`, `${prefix}${name}/`, files)));
    else if (kind === 'file' && !name.endsWith('.lock')) names.push(prefix + name);
  }
  return names;
}
