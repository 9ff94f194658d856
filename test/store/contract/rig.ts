import type { Version } from '../../../src/model/id.ts';
import type { CommitRequest, Committed, LogEntry, Store } from '../../../src/store/contract.ts';

/** How long a request id is remembered, and what no version names is kept. */
export const DAY = 24 * 3600 * 1000;
/** Above what a git blob may have. */
export const BIG = Buffer.alloc(100_000, 'many bytes ');

/** What the suite stands on: a store of its own, empty, gone when disposed. */
export interface StoreRig extends AsyncDisposable {
  readonly store: Store;
  /** Opens the same store once more, as another process would. Absent where what is stored is gone with its process. */
  readonly another?: () => Promise<Store>;
  /** Moves the store's clock. */
  readonly pass: (ms: number) => void;
  /** Ends the store's run, as Ctrl-C would. */
  readonly abort: (reason: unknown) => void;
}

/** A put of text or bytes. */
export function bytes(path: string, content: string | Buffer) {
  return { path, bytes: Buffer.from(content) };
}

/** Commits with a subject and a producer of no interest. */
export function commit(store: Store, request: Partial<CommitRequest>): Promise<Committed> {
  return store.commit({ subject: 'test', producer: 'test@lab', ...request });
}

/** Commits one member. */
export function put(
  store: Store,
  path: string,
  content: string,
  request: Partial<CommitRequest> = {},
): Promise<Committed> {
  return commit(store, { puts: [bytes(path, content)], ...request });
}

/** The content of a member as text; fails if it is not there. */
export async function text(store: Store, path: string, at?: Version): Promise<string> {
  const member = await store.read(path, at);
  if (!member) throw new Error(`${path} is not there`);
  return (await member.bytes()).toString('utf8');
}

/** All entries of a log that ends. */
export async function all(log: AsyncIterable<LogEntry>): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for await (const entry of log) entries.push(entry);
  return entries;
}
