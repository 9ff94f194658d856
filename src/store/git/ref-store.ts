import { RestageError } from '../../errors.ts';
import type { Version } from '../../model/id.ts';
import type { Refs } from '../contract.ts';
import type { StoreContext } from '../engines/contract.ts';
import type { ObjectId } from './object.ts';
import type { PackObject } from './pack.ts';
import { publish } from './pack-writer.ts';
import { type HistoryPlane, writerOf } from './open-history.ts';
import { checkRefName } from './ref-file.ts';

/** What is to be done with a ref, decided under its lock once it is known what it holds. */
export type RefChange =
  | { readonly do: 'keep' }
  | { readonly do: 'delete' }
  /** Together with the objects that it needs. */
  | { readonly do: 'move'; readonly objects: readonly PackObject[]; readonly after: ObjectId };

/** The refs of a store that its users may move. */
export function createRefs(plane: HistoryPlane, context: StoreContext): Refs {
  const { refs, history } = plane;
  return {
    get: async (name) => {
      checkRefName(name);
      const id = await refs.read(name);
      return id === undefined ? undefined : history.peel(id);
    },
    list: async (prefix) => {
      const found: { readonly name: string; readonly version: Version }[] = [];
      for (const { name, id } of await refs.list(folderOf(prefix))) {
        const version = name.startsWith(prefix) ? await history.peel(id) : undefined;
        if (version !== undefined) found.push({ name, version });
      }
      return found;
    },
    set: async (name, value, expected) => {
      if (value !== undefined && (await history.peel(value)) !== value) {
        throw new RestageError('store/version-unknown', `there is no version ${value}`, {
          details: { version: value },
        });
      }
      await changeRef(plane, context, name, async (before) => {
        const actual = before === undefined ? undefined : await history.peel(before);
        if (actual !== expected) {
          throw new RestageError('store/conflict', `${name} is ${actual ?? 'absent'} and not ${expected ?? 'absent'}`, {
            details: { name, actual },
          });
        }
        if (value !== undefined) return { do: 'move', objects: [], after: value };
        return { do: before === undefined ? 'keep' : 'delete' };
      });
    },
  };
}

/** Changes a ref under its lock, as git itself would; durable when it resolves. */
export async function changeRef(
  plane: HistoryPlane,
  context: StoreContext,
  name: string,
  change: (before: ObjectId | undefined) => Promise<RefChange>,
): Promise<void> {
  checkRefName(name);
  const { publish: publishContext, locks } = writerOf(plane);
  await refuseClash(plane, context, name);
  const lock = await locks.take(`${plane.gitDirectory}/${name}.lock`);
  try {
    const before = await plane.refs.read(name);
    const decided = await change(before);
    if (decided.do === 'delete') await removeRef(plane, context, name);
    if (decided.do !== 'move') return;
    const { objects, after } = decided;
    await publish({ objects, refs: [{ name, before, after }] }, publishContext);
  } finally {
    await lock.release();
  }
}

/** git cannot have `a` and `a/b`. An empty directory that an earlier `a/b` has left is no obstacle. */
async function refuseClash({ refs, gitDirectory }: HistoryPlane, { files }: StoreContext, name: string): Promise<void> {
  const below = await refs.list(`${name}/`);
  let clash = below[0]?.name;
  for (let at = name.lastIndexOf('/'); at > 'refs/heads'.length; at = name.lastIndexOf('/', at - 1)) {
    if ((await refs.read(name.slice(0, at))) !== undefined) clash = name.slice(0, at);
  }
  if (clash !== undefined) {
    throw new RestageError('store/path', `${name} cannot stand beside ${clash}`, {
      hint: 'Choose another name',
      details: { name, clash },
    });
  }
  const path = `${gitDirectory}/${name}`;
  const isEmpty = (await files.stat(path))?.kind === 'directory' && (await files.list(path)).length === 0;
  if (isEmpty) await files.remove(path);
}

async function removeRef({ gitDirectory }: HistoryPlane, { files }: StoreContext, name: string): Promise<void> {
  const packedRefs = `${gitDirectory}/packed-refs`;
  const text = (await files.readIfExists(packedRefs)) ?? '';
  const rest = withoutPackedRef(text, name);
  // First from the packed ones, or the ref would show an old value for a moment.
  if (rest !== text) await rewritePackedRefs(packedRefs, name, files);
  await files.remove(`${gitDirectory}/${name}`);
  await files.syncDirectory(`${gitDirectory}/${name.slice(0, name.lastIndexOf('/'))}`);
}

async function rewritePackedRefs(path: string, name: string, files: StoreContext['files']): Promise<void> {
  if (!(await files.create(`${path}.lock`, ''))) {
    throw new RestageError('store/locked', `${path}.lock is held by another program`, {
      details: { file: `${path}.lock` },
    });
  }
  try {
    await files.write(path, withoutPackedRef((await files.readIfExists(path)) ?? '', name));
  } finally {
    await files.remove(`${path}.lock`);
  }
}

/** `packed-refs` without a ref and the line that says what an annotated tag points to. */
export function withoutPackedRef(text: string, name: string): string {
  const lines = text.split(/(?<=\n)/);
  const at = lines.findIndex((line) => /^[0-9a-f]{40} /.test(line) && line.slice(41).trimEnd() === name);
  if (at < 0) return text;
  lines.splice(at, lines[at + 1]?.startsWith('^') ? 2 : 1);
  return lines.join('');
}

/** The directory that all names with a prefix lie in. */
function folderOf(prefix: string): string {
  return prefix.startsWith('refs/') ? prefix.slice(0, prefix.lastIndexOf('/') + 1) : 'refs/';
}
