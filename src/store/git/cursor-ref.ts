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
export class RefCursor implements Cursor {
  readonly #ref: string;
  readonly #start: CursorState;
  readonly #plane: HistoryPlane;
  readonly #context: StoreContext;
  readonly #waiting: Change[] = [];
  #isRunning = false;

  constructor(
    name: string,
    { prefix = '', from = 1 }: { readonly prefix?: string; readonly from?: number },
    { plane, context }: { readonly plane: HistoryPlane; readonly context: StoreContext },
  ) {
    this.#ref = `refs/restage/cursors/${name}`;
    this.#start = startCursor(prefix, from);
    this.#plane = plane;
    this.#context = context;
  }

  async lease(count: number, ttlMs: number): Promise<readonly CursorEntry[]> {
    if (count <= 0) return [];
    let leased: readonly OpenEntry[] = [];
    await this.#change(async (state) => {
      const now = this.#context.clock.now();
      const found = await findFresh(state, missingFor(state, count, now), this.#plane);
      const result = lease(state, { count, ttlMs, now, ...found });
      leased = result.leased;
      // Nothing to deliver is no reason to write.
      return leased.length === 0 ? state : result.state;
    });
    return withEntries(leased, (seq) => this.#plane.history.entry(seq));
  }

  ack(seq: number): Promise<void> {
    return this.#change((state) => acknowledge(state, seq));
  }

  nack(seq: number, delayMs: number): Promise<void> {
    return this.#change((state) => giveBack(state, seq, this.#context.clock.now() + delayMs));
  }

  seek(seq: number): Promise<void> {
    return this.#change((state) => seek(state, seq));
  }

  async state() {
    const state = await this.#load(await this.#plane.refs.read(this.#ref));
    return { next: floorOf(state), ...countOpen(state, this.#context.clock.now()) };
  }

  drop(): Promise<void> {
    return changeRef(this.#plane, this.#context, this.#ref, async (before) => ({
      do: before === undefined ? 'keep' : 'delete',
    }));
  }

  /** Changes that come together are made durable together. */
  #change(apply: Change['apply']): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ apply, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#waiting.length > 0) {
      const taken: Change[] = [];
      try {
        await changeRef(this.#plane, this.#context, this.#ref, async (before) => {
          taken.push(...this.#waiting.splice(0));
          return this.#apply(taken, before);
        });
        for (const { resolve } of taken) resolve();
      } catch (reason) {
        // Those who had not been taken yet would meet the same.
        for (const { reject } of [...taken, ...this.#waiting.splice(0)]) reject(reason);
      }
    }
    this.#isRunning = false;
  }

  async #apply(changes: readonly Change[], before: ObjectId | undefined): Promise<RefChange> {
    const old = await this.#load(before);
    let state = old;
    for (const { apply } of changes) state = await apply(state);
    if (state === old && before !== undefined) return { do: 'keep' };
    const { objects, after } = await encodeState(state, this.#plane, this.#context);
    for (const { id, kind, parts } of objects) this.#plane.objects.remember(id, { kind, body: Buffer.concat(parts) });
    return { do: 'move', objects, after };
  }

  async #load(id: ObjectId | undefined): Promise<CursorState> {
    return id === undefined ? this.#start : parseCursor(await readFile(id, this.#plane), this.#ref);
  }
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
