/**
 * A consumer's place in the log. An entry of the log goes through
 *
 *   pending ──lease──▶ leased(n, until) ──ack──▶ done
 *                        │        ▲
 *       nack, lease over │        │ lease: n + 1
 *                        ▼        │
 *                       delayed ──┘
 *
 * Pending is what lies above `scanned`; done is what lies at or below it and is not in `open`.
 */
export interface CursorState {
  /** Only commits that change something at or below this path. */
  readonly prefix: string;
  /** The last seq that was looked at. */
  readonly scanned: number;
  /** What was delivered and is not done, by seq. */
  readonly open: readonly OpenEntry[];
}

/** An entry that was delivered. */
export interface OpenEntry {
  readonly seq: number;
  /** How often it was delivered. */
  readonly attempt: number;
  /** ms since the epoch: when the lease or the delay is over. */
  readonly due: number;
  readonly is: 'leased' | 'delayed';
}

/** A lease of entries: those that are due again, and new ones. */
export interface LeaseRequest {
  /** At most this many. */
  readonly count: number;
  readonly ttlMs: number;
  readonly now: number;
  /** Seqs above `scanned` that match, ascending, and how far was looked for them. */
  readonly fresh: readonly number[];
  readonly scanned: number;
}

/** A cursor that has delivered nothing; its first entry is `from`. */
export function startCursor(prefix: string, from: number): CursorState {
  return { prefix, scanned: Math.max(from, 1) - 1, open: [] };
}

/** The first seq that is not done: everything below it is. */
export function floorOf({ open, scanned }: CursorState): number {
  return open[0]?.seq ?? scanned + 1;
}

/** How many new entries a lease needs besides those that are due again. */
export function missingFor({ open }: CursorState, count: number, now: number): number {
  return Math.max(count - open.filter(({ due }) => due <= now).length, 0);
}

/** Leases entries, the oldest first; counts the attempt. */
export function lease(
  { prefix, open, scanned: before }: CursorState,
  { count, ttlMs, now, fresh, scanned }: LeaseRequest,
): { readonly state: CursorState; readonly leased: readonly OpenEntry[] } {
  const again = open.filter(({ due }) => due <= now).slice(0, count);
  const news = fresh.slice(0, count - again.length);
  const leased = [
    ...again.map(({ seq, attempt }) => leasedEntry(seq, attempt + 1, now + ttlMs)),
    ...news.map((seq) => leasedEntry(seq, 1, now + ttlMs)),
  ];
  const chosen = new Set(leased.map(({ seq }) => seq));
  const others = open.filter(({ seq }) => !chosen.has(seq));
  // What was found and does not fit stays pending.
  const looked = news.length < fresh.length ? (news.at(-1) ?? before) : scanned;
  const state = { prefix, scanned: Math.max(looked, before), open: bySeq([...others, ...leased]) };
  return { state, leased };
}

/** The entry is done. One that is not out is left as it is. */
export function acknowledge(state: CursorState, seq: number): CursorState {
  const open = state.open.filter((entry) => entry.seq !== seq);
  return open.length === state.open.length ? state : { ...state, open };
}

/** The entry is given back, and is due again after a delay. */
export function giveBack(state: CursorState, seq: number, dueAt: number): CursorState {
  if (!state.open.some((entry) => entry.seq === seq)) return state;
  const open = state.open.map((entry) =>
    entry.seq === seq ? { ...entry, due: dueAt, is: 'delayed' as const } : entry,
  );
  return { ...state, open };
}

/** Forgets what is out and goes on at `seq`. */
export function seek({ prefix }: CursorState, seq: number): CursorState {
  return startCursor(prefix, seq);
}

/** How many entries are out and how many wait to be delivered again. */
export function countOpen({ open }: CursorState, now: number): { readonly leased: number; readonly delayed: number } {
  const leased = open.filter(({ is, due }) => is === 'leased' && due > now).length;
  return { leased, delayed: open.length - leased };
}

function leasedEntry(seq: number, attempt: number, due: number): OpenEntry {
  return { seq, attempt, due, is: 'leased' };
}

function bySeq(entries: readonly OpenEntry[]): OpenEntry[] {
  return [...entries].sort((a, b) => a.seq - b.seq);
}
