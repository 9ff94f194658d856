import type { Version } from '../model/id.ts';
import { compareText } from '../model/order.ts';
import { matchesTopic, streamWords, type StreamEntry } from '../model/stream.ts';
import type { MemberEntry } from '../store/contract.ts';
import type { DataContext } from './context.ts';
import { entryOf } from './find-stream.ts';
import type { Stream } from './streams.ts';

/** Reads that are under way at the same time. */
const CONCURRENT = 32;

/** A stream as one look at the history finds it. */
export interface ListedStream {
  readonly stream: Stream;
  readonly member: MemberEntry;
}

/** Every stream that is there at a version, sorted by name: one look at the history, however many there are. */
export async function listStreams(
  at: Version | undefined,
  { store, streams }: Pick<DataContext, 'store' | 'streams'>,
): Promise<readonly ListedStream[]> {
  const found = new Map<string, ListedStream>();
  for (const root of streams.roots) {
    for (const member of await store.list(root, at)) {
      const stream = streams.at(member.path);
      if (stream) found.set(stream.name, { stream, member });
    }
  }
  return [...found.values()].sort((a, b) => compareText(a.stream.name, b.stream.name));
}

/** The streams whose names begin with the words of a prefix, each with its version. */
export async function listEntries(
  prefix: string,
  at: Version | undefined,
  context: DataContext,
): Promise<readonly StreamEntry[]> {
  const asked = topicsOf(prefix === '' ? [] : [prefix], context);
  const listed = (await listStreams(at, context)).filter(({ stream }) => matchesTopic(stream.topic, asked));
  const entries: StreamEntry[] = [];
  for (let start = 0; start < listed.length; start += CONCURRENT) {
    const members = await Promise.all(
      listed.slice(start, start + CONCURRENT).map(async ({ stream }) => {
        const member = await context.store.read(stream.path, at);
        return member && entryOf(stream, member);
      }),
    );
    entries.push(...members.filter((entry) => entry !== undefined));
  }
  return entries;
}

/** The topics that names ask for: `raw qplan` is `qplan raw`, and what names no stream is the beginning of topics. */
export function topicsOf(names: readonly string[], { streams }: Pick<DataContext, 'streams'>): readonly string[] {
  return names.map((name) => streams.find(name)?.topic ?? streamWords(name).join(' '));
}
