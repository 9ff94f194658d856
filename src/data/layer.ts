import { isAbsolute, join, normalize } from 'node:path';
import type { Json } from '../model/json.ts';
import type { Digest } from '../model/id.ts';
import type { Remark } from '../model/plan.ts';
import type { Capture, CaptureRequest, Kept, Layer, LayerContext, NotKept } from '../snapshot/layer.ts';
import { applyDataStep } from './apply-step.ts';
import { DataBody, type DirectoryState, type StreamState } from './body.ts';
import { captureDirectory } from './capture-directory.ts';
import { malformed } from './declaration.ts';
import { describeData } from './describe.ts';
import { listStreams, type ListedStream } from './list-streams.ts';
import { diffData, planData, type DataStep } from './plan.ts';
import { readStreams, type StreamTable } from './streams.ts';

/** The data of an experiment as a layer of a snapshot: its streams, and the directories of `[data] dirs`. */
export function dataLayer(): Layer<DataBody, DataStep> {
  return {
    kind: 'data',
    summary: 'Streams of the store, and the directories of [data] dirs',
    body: DataBody,
    // No stream at all is a state, too: the first one that comes is a difference.
    probe: async () => ({ available: true }),
    capture: captureData,
    describe: describeData,
    diff: diffData,
    plan: planData,
    apply: applyDataStep,
  };
}

/**
 * Streams that the workspace declares, or all of its store where it declares none; and what `want` names besides, so
 * that a load can be looked at afterwards. One look at the history, whatever the number of streams.
 */
async function captureData(context: LayerContext, request: CaptureRequest): Promise<Capture<DataBody>> {
  const streams = readStreams(context.configuration);
  const want = DataBody.safeParse(request.want).data;
  const head = await context.store.head();
  const listed = head ? await capturedStreams(streams, want, context) : [];
  const states: Record<string, StreamState> = {};
  const kept: Kept[] = [];
  for (const { stream, member } of listed) {
    const { digest, size, path } = member;
    const { name, type } = stream;
    states[name] = { ...{ digest, size }, ...(type !== undefined && { type }), how: 'observed' };
    if (head) kept.push({ digest, size, member: { path, version: head.version } });
  }
  const found = await captureDirectories(context, request, want);
  return {
    body: { schema: 'restage/data-layer/1', streams: states, directories: found.states },
    kept: [...kept, ...found.kept],
    notKept: found.notKept,
    unresolved: found.unresolved,
    record: { store: context.store.description.id, ...(head && { version: head.version, seq: head.seq }) } as Json,
  };
}

async function capturedStreams(
  streams: StreamTable,
  want: DataBody | undefined,
  context: LayerContext,
): Promise<readonly ListedStream[]> {
  const head = await context.store.head();
  const listed = await listStreams(head?.version, { store: context.store, streams });
  const mine = listed.filter(({ stream }) => !streams.hasDeclarations || streams.isDeclared(stream));
  const names = new Set(mine.map(({ stream }) => stream.name));
  const others: ListedStream[] = [];
  for (const name of Object.keys(want?.streams ?? {})) {
    if (names.has(name)) continue;
    const stream = streams.named(name);
    const member = await context.store.read(stream.path, head?.version);
    if (member) others.push({ stream, member });
  }
  return [...mine, ...others];
}

/** What is found of the directories, in the order of their names. */
interface FoundDirectories {
  readonly states: Record<string, DirectoryState>;
  readonly kept: readonly Kept[];
  readonly notKept: readonly NotKept[];
  readonly unresolved: readonly Remark[];
}

async function captureDirectories(
  context: LayerContext,
  { purpose }: CaptureRequest,
  want: DataBody | undefined,
): Promise<FoundDirectories> {
  const states: Record<string, DirectoryState> = {};
  const kept = new Map<Digest, Kept>();
  const notKept: NotKept[] = [];
  const unresolved: Remark[] = [];
  const named = Object.keys(want?.directories ?? {});
  for (const name of new Set([...directoriesOf(context), ...named])) {
    const root = join(context.workspace, name);
    if ((await context.files.stat(root))?.kind !== 'directory') continue;
    let done = 0;
    const progress = (bytes: number) => {
      done += bytes;
      context.emit({ type: 'progress', layer: 'data', task: `read ${name}`, done, unit: 'bytes' });
    };
    const content = purpose === 'compare' ? undefined : context.content;
    const captured = await captureDirectory(root, { ...context, content, progress });
    states[name] = captured.state;
    for (const one of captured.kept) kept.set(one.digest, one);
    notKept.push(...captured.notKept.map(({ what, ...rest }) => ({ what: `${name}/${what}`, ...rest })));
    unresolved.push(...captured.unresolved.map(({ item, why }) => ({ item: `${name}/${item}`, why })));
  }
  return { states, kept: [...kept.values()], notKept, unresolved };
}

/** The directories of `[data] dirs`, as paths below the workspace. */
function directoriesOf({ configuration }: LayerContext): readonly string[] {
  const names = (configuration.get('data', 'dirs') ?? '').split(/[\s,]+/).filter((word) => word !== '');
  return names.map((name) => {
    const path = normalize(name).replace(/\/+$/, '');
    if (!isAbsolute(path) && path !== '.' && path.split('/')[0] !== '..') return path;
    throw malformed('[data] dirs', `${name} is not a directory below the workspace`);
  });
}
