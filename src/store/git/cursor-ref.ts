import { z } from 'zod';
import { RestageError } from '../../errors.ts';
import { canonicalJson } from '../../model/json.ts';
import type { Cursor, CursorEntry, LogEntry } from '../contract.ts';
import {
  acknowledge,
  countOpen,
  type CursorState,
  floorOf,
  giveBack,
  lease,
  missingFor,
  type OpenEntry,
  seek,
  startCursor,
} from '../cursor.ts';
import type { StoreContext } from '../engines/contract.ts';
import { isAtOrBelow } from '../member-path.ts';
import { signatureOf } from './draft.ts';
import { encodeCommit, type ObjectId, objectId } from './object.ts';
import type { HistoryPlane } from './open-history.ts';
import type { PackObject } from './pack.ts';
import { changeRef, type RefChange } from './ref-store.ts';
import { EMPTY_TREE, FILE_MODE, findEntry, parseTree, treeParts, withEntry } from './tree.ts';

/** `cursor.json`: the state of a cursor as the history keeps it. */
const CursorFile = z.object({
  format: z.literal('restage-cursor/1'),
  prefix: z.string(),
  scanned: z.int().min(0),
  open: z.array(z.object({ seq: z.int(), attempt: z.int(), due: z.number(), is: z.enum(['leased', 'delayed']) })),
});

const FILE = 'cursor.json';

/** A change of the state, waiting to be made durable. */
interface Change {
  readonly apply: (state: CursorState) => Promise<CursorState> | CursorState;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * A cursor kept in `refs/restage/cursors/NAME`: a commit with the tree {cursor.json}, whose parent is the last commit of
 * the log below which all is done. So `git log refs/restage/cursors/NAME..main` shows what is left.
 */
export function openCursor(
  name: string,
  { prefix = '', from = 1 }: { readonly prefix?: string; readonly from?: number },
  plane: HistoryPlane,
  context: StoreContext,
): Cursor {
  const ref = `refs/restage/cursors/${name}`;
  const { history, refs, objects } = plane;
  const { clock } = context;
  const start = startCursor(prefix, from);
  const waiting: Change[] = [];
  let running = false;

  const load = async (id: ObjectId | undefined): Promise<CursorState> =>
    id === undefined ? start : parseCursor(await readFile(id, plane), ref);
  const write = async (before: ObjectId | undefined): Promise<{ change: RefChange; done: readonly Change[] }> => {
    const old = await load(before);
    let state = old;
    const done: Change[] = [];
    for (const change of waiting.splice(0)) {
      try {
        state = await change.apply(state);
        done.push(change);
      } catch (reason) {
        change.reject(reason); // This one alone.
      }
    }
    if (state === old && before !== undefined) return { change: { objects: [], after: undefined }, done };
    const made = await encodeState(state, plane, context);
    for (const { id, kind, parts } of made.objects) objects.remember(id, { kind, body: Buffer.concat(parts) });
    return { change: made, done };
  };
  const run = async (): Promise<void> => {
    running = true;
    while (waiting.length > 0) {
      let done: readonly Change[] = [];
      try {
        await changeRef(plane, context, ref, async (before) => {
          const written = await write(before);
          done = written.done;
          return written.change;
        });
        for (const { resolve } of done) resolve();
      } catch (reason) {
        for (const { reject } of [...done, ...waiting.splice(0)]) reject(reason);
      }
    }
    running = false;
  };
  /** Changes that come together are made durable together. */
  const change = (apply: Change['apply']): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ apply, resolve, reject });
      if (!running) void run();
    });

  return {
    lease: async (count, ttlMs) => {
      if (count <= 0) return [];
      let leased: readonly OpenEntry[] = [];
      await change(async (state) => {
        const now = clock.now();
        const found = await findFresh(state, missingFor(state, count, now), plane);
        const result = lease(state, { count, ttlMs, now, ...found });
        leased = result.leased;
        // Nothing to deliver is no reason to write.
        return leased.length === 0 ? state : result.state;
      });
      return withEntries(leased, (seq) => history.entry(seq));
    },
    ack: (seq) => change((state) => acknowledge(state, seq)),
    nack: (seq, delayMs) => change((state) => giveBack(state, seq, clock.now() + delayMs)),
    seek: (seq) => change((state) => seek(state, seq)),
    state: async () => {
      const state = await load(await refs.read(ref));
      return { next: floorOf(state), ...countOpen(state, clock.now()) };
    },
    drop: () =>
      changeRef(plane, context, ref, async (before) => ({
        objects: [],
        after: before === undefined ? undefined : 'delete',
      })),
  };
}

/** Reads `cursor.json`. @throws {RestageError} `store/damaged` */
export function parseCursor(text: string, ref: string): CursorState {
  try {
    const { prefix, scanned, open } = CursorFile.parse(JSON.parse(text));
    return { prefix, scanned, open };
  } catch (cause) {
    throw new RestageError('store/damaged', `${ref} holds no cursor`, { details: { ref }, cause });
  }
}

async function readFile(id: ObjectId, { history, objects }: HistoryPlane): Promise<string> {
  const { tree } = await history.commit(id);
  const entry = findEntry(parseTree(await objects.need(tree, 'tree')), FILE);
  return entry ? (await objects.need(entry.id, 'blob')).toString('utf8') : '';
}

async function findFresh({ prefix, scanned }: CursorState, count: number, { history }: HistoryPlane) {
  const last = (await history.refresh())?.seq ?? 0;
  const fresh: number[] = [];
  let at = scanned;
  while (fresh.length < count && at < last) {
    const entry = await history.entry(at + 1);
    if (!entry) break;
    at++;
    if (prefix === '' || entry.changes.some(({ path }) => isAtOrBelow(path, prefix))) fresh.push(at);
  }
  return { fresh, scanned: at };
}

async function encodeState(
  state: CursorState,
  { index, history }: HistoryPlane,
  { clock, random }: StoreContext,
): Promise<{ readonly objects: readonly PackObject[]; readonly after: ObjectId }> {
  const blob = Buffer.from(`${canonicalJson({ format: 'restage-cursor/1', ...state })}\n`);
  const blobId = objectId('blob', blob);
  const tree = treeParts(withEntry(EMPTY_TREE, { mode: FILE_MODE, name: FILE, id: blobId }));
  const treeId = objectId('tree', ...tree);
  await history.refresh();
  const floor = index.at(Math.min(floorOf(state) - 1, index.length))?.version;
  const commit = encodeCommit({
    tree: treeId,
    parents: floor === undefined ? [] : [floor],
    committer: signatureOf('restage', Math.floor(clock.now() / 1000)),
    // The random word keeps two equal states from being one pack.
    message: `cursor at ${floorOf(state)}\n\nRestage-Request: ${random.hex(8)}\n`,
  });
  const after = objectId('commit', commit);
  const objects: readonly PackObject[] = [
    { id: blobId, kind: 'blob', parts: [blob] },
    { id: treeId, kind: 'tree', parts: tree },
    { id: after, kind: 'commit', parts: [commit] },
  ];
  return { objects, after };
}

async function withEntries(
  leased: readonly OpenEntry[],
  find: (seq: number) => Promise<LogEntry | undefined>,
): Promise<readonly CursorEntry[]> {
  const entries: CursorEntry[] = [];
  for (const { seq, attempt } of leased) {
    const entry = await find(seq);
    if (entry) entries.push({ entry, attempt });
  }
  return entries;
}
