import { RestageError } from '../errors.ts';
import { matchesTopic, type StreamEvent } from '../model/stream.ts';
import type { Cursor, CursorEntry, LogEntry } from '../store/contract.ts';
import type { DataContext } from './context.ts';
import { topicsOf } from './list-streams.ts';
import { eventsOf } from './stream-log.ts';

/** How often a cursor looks for what others have left undone, in ms. */
const CURSOR_POLL_MS = 500;
/** How long a consumer may take for one commit before it is given to another one, in ms. */
const LEASE_MS = 60_000;
/** Wait after the first failure of a consumer, doubled each time up to the limit, in ms. */
const RETRY_MS = { first: 1000, limit: 300_000 } as const;

/** Which events are watched. */
export interface WatchRequest {
  /** First words of topics; none: all. */
  readonly topics: readonly string[];
  /** The first seq, `HEAD` (what is new from now on) or `beginning`. With a cursor: where it begins when it is made. */
  readonly from: string;
  /** Of several events of one stream that wait, only the newest. */
  readonly latest: boolean;
  /** The name of a durable position: what was acknowledged is not seen again, what was not is. */
  readonly cursor?: string | undefined;
}

/** An event, and what to say about it. Without a cursor both do nothing. */
export interface WatchedEvent {
  readonly event: StreamEvent;
  /** 1 at the first delivery. */
  readonly attempt: number;
  /** The event has been dealt with. */
  ack(): Promise<void>;
  /** It has not, and is to be delivered again later. */
  nack(): Promise<void>;
}

/**
 * Every event that was asked for, in the order of the history, also of other processes; ends when the signal aborts.
 *
 * Nothing is missed between what is there and what comes: both are read from the one log.
 */
export async function* watchStreams(request: WatchRequest, context: DataContext): AsyncGenerator<WatchedEvent> {
  const asked = topicsOf(request.topics, context);
  const wanted = (entry: LogEntry) =>
    eventsOf(entry, context.streams).filter(({ topic }) => matchesTopic(topic, asked));
  const from = await firstSeq(request.from, context);
  if (request.cursor !== undefined) {
    yield* cursorEvents(context.store.cursor(cursorName(request.cursor), { from }), request, wanted, context);
    return;
  }
  const events = request.latest ? latestEvents(from, wanted, context) : allEvents(from, wanted, context);
  for await (const event of events) yield { event, attempt: 1, ack: nothing, nack: nothing };
}

/** Keeps, of several events of one stream, the newest, in the order of the history. */
export function newestOfEach(events: readonly StreamEvent[]): readonly StreamEvent[] {
  const newest = new Map(events.map((event) => [event.stream, event]));
  return events.filter((event) => newest.get(event.stream) === event);
}

async function firstSeq(text: string, { store }: DataContext): Promise<number> {
  if (text === 'beginning') return 1;
  if (text === 'HEAD') return ((await store.head())?.seq ?? 0) + 1;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new RestageError('cli/usage', `--from ${text} is no seq`, { hint: 'Write a number, HEAD or beginning' });
}

function cursorName(text: string): string {
  if (/^[A-Za-z0-9_][\w.-]{0,99}$/.test(text) && !text.endsWith('.lock')) return text;
  throw new RestageError('cli/usage', `${JSON.stringify(text)} is no name of a cursor`, {
    hint: 'Use letters, digits, dot, dash and underscore',
  });
}

type Wanted = (entry: LogEntry) => readonly StreamEvent[];

async function* allEvents(from: number, wanted: Wanted, { store }: DataContext): AsyncGenerator<StreamEvent> {
  for await (const entry of store.log(from, { follow: true })) yield* wanted(entry);
}

/** Takes all that is there at once, and waits only when there is nothing. */
async function* latestEvents(from: number, wanted: Wanted, { store }: DataContext): AsyncGenerator<StreamEvent> {
  for (let next = from; ;) {
    const waiting: LogEntry[] = [];
    for await (const entry of store.log(next)) waiting.push(entry);
    if (waiting.length === 0) {
      for await (const entry of store.log(next, { follow: true })) {
        waiting.push(entry);
        break;
      }
    }
    if (waiting.length === 0) return;
    next = (waiting.at(-1)?.seq ?? next) + 1;
    yield* newestOfEach(waiting.flatMap(wanted));
  }
}

async function* cursorEvents(
  cursor: Cursor,
  { latest }: WatchRequest,
  wanted: Wanted,
  { clock, signal }: DataContext,
): AsyncGenerator<WatchedEvent> {
  for (;;) {
    signal.throwIfAborted();
    const leased = await cursor.lease(latest ? 64 : 1, LEASE_MS);
    const events = leased.flatMap(({ entry }) => wanted(entry));
    const chosen = new Set(latest ? newestOfEach(events) : events);
    for (const entry of leased) yield* leasedEvents(entry, wanted(entry.entry), chosen, cursor);
    if (leased.length === 0) await clock.sleep(CURSOR_POLL_MS);
  }
}

/** The commit is acknowledged when all its events are, and given back as soon as one is. */
async function* leasedEvents(
  { entry, attempt }: CursorEntry,
  events: readonly StreamEvent[],
  chosen: ReadonlySet<StreamEvent>,
  cursor: Cursor,
): AsyncGenerator<WatchedEvent> {
  const mine = events.filter((event) =>
    [...chosen].some((one) => one.stream === event.stream && one.seq === event.seq),
  );
  let [open, isGivenBack] = [mine.length, false];
  if (open === 0) await cursor.ack(entry.seq);
  for (const event of mine) {
    yield {
      ...{ event, attempt },
      ack: async () => {
        open -= 1;
        if (open === 0 && !isGivenBack) await cursor.ack(entry.seq);
      },
      nack: async () => {
        if (isGivenBack) return;
        isGivenBack = true;
        await cursor.nack(entry.seq, Math.min(RETRY_MS.first * 2 ** (attempt - 1), RETRY_MS.limit));
      },
    };
  }
}

async function nothing(): Promise<void> {
  // Without a cursor there is nobody to tell.
}
