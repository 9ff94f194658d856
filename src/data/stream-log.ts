import { matchesTopic, type StreamEvent } from '../model/stream.ts';
import type { LogEntry } from '../store/contract.ts';
import type { DataContext } from './context.ts';
import { unknownStream } from './find-stream.ts';
import { topicsOf } from './list-streams.ts';
import type { StreamTable } from './streams.ts';

/** Commits that are looked at in one go when the newest events are wanted. */
const WINDOW = 256;

/** Which events are asked for. */
export interface LogRequest {
  /** A stream, or the first words of several; absent: all. */
  readonly stream?: string | undefined;
  /** The first seq. */
  readonly from?: number | undefined;
  /** No event before, in ms since the epoch. */
  readonly since?: number | undefined;
  readonly limit: number;
}

/** The events of a commit: one for each stream that it changed, in the order of its changes. */
export function eventsOf(entry: LogEntry, streams: Pick<StreamTable, 'at'>): readonly StreamEvent[] {
  const { seq, version, time, producer, subject, requestId, changes } = entry;
  const inputs = entry.inputs.map(({ path, version: of, digest }) => {
    return { stream: streams.at(path)?.name ?? path, version: of, digest };
  });
  return changes.flatMap(({ path, change, previous, digest, size }) => {
    const stream = streams.at(path);
    if (!stream) return [];
    return {
      ...{ seq, version, time, producer, subject, inputs, stream: stream.name, topic: stream.topic, change },
      ...(previous !== undefined && { previous }),
      ...(digest !== undefined && { digest }),
      ...(size !== undefined && { size }),
      ...(requestId !== undefined && { requestId }),
    };
  });
}

/** The newest events that were asked for, newest first; `data/unknown-stream` for a name that nothing ever had. */
export async function streamLog(request: LogRequest, context: DataContext): Promise<readonly StreamEvent[]> {
  const { stream, from = 1, since = 0, limit } = request;
  const asked = topicsOf(stream === undefined ? [] : [stream], context);
  const found: StreamEvent[] = [];
  for await (const entry of newestFirst(stream, Math.max(from, 1), context)) {
    if (entry.seq < from || entry.time < since || found.length >= limit) break;
    found.push(...eventsOf(entry, context.streams).filter(({ topic }) => matchesTopic(topic, asked)));
  }
  const isRestricted = request.from !== undefined || request.since !== undefined;
  if (stream !== undefined && found.length === 0 && !isRestricted) {
    const isDeclared = context.streams.declared.some(({ topic }) => matchesTopic(topic, asked));
    if (!isDeclared) throw await unknownStream(stream, context);
  }
  return found.slice(0, limit);
}

/** Commits from the newest down to `from`: of one stream by its own history, of more by windows of the log. */
async function* newestFirst(
  text: string | undefined,
  from: number,
  { store, streams }: DataContext,
): AsyncGenerator<LogEntry> {
  const stream = text === undefined ? undefined : streams.find(text);
  const history = stream ? await store.history(stream.path) : [];
  yield* history;
  if (history.length > 0) return;
  const head = await store.head();
  for (let end = head?.seq ?? 0; end >= from; end -= WINDOW) {
    const start = Math.max(from, end - WINDOW + 1);
    const window: LogEntry[] = [];
    for await (const entry of store.log(start)) {
      if (entry.seq > end) break;
      window.push(entry);
    }
    yield* window.reverse();
  }
}
