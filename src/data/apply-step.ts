import { join } from 'node:path';
import { RestageError } from '../errors.ts';
import { digestOfJson } from '../model/digest.ts';
import type { LayerContext } from '../snapshot/layer.ts';
import type { MemberSource } from '../store/contract.ts';
import type { DataStep } from './plan.ts';
import { readStreams } from './streams.ts';
import { writeDirectory } from './write-directory.ts';

/** Content up to this many bytes is read whole and put into the history itself. */
const INLINE = 32 * 1024;

/**
 * Applies one step. A stream that has become what it should be is left alone; one that somebody else has changed since
 * the plan was made is refused with `store/conflict`.
 */
export async function applyDataStep(step: DataStep, context: LayerContext): Promise<void> {
  if (step.action === 'write-directory') {
    const { item, digest, exact } = step;
    await writeDirectory({ root: join(context.workspace, item), digest, exact }, context);
    return;
  }
  const { store, host } = context;
  const { path, topic } = readStreams(context.configuration).named(step.item);
  const member = await store.read(path);
  const want = step.action === 'put-stream' ? step.digest : undefined;
  if (member?.digest === want) return;
  if ((member?.digest ?? null) !== step.had) {
    throw new RestageError('store/conflict', `stream "${topic}" has changed since the plan was made`, {
      hint: 'Run the load again: it makes a new plan',
      details: { stream: step.item, expected: step.had, actual: member?.digest ?? null },
    });
  }
  const version = member?.version ?? 'absent';
  const [last] = await store.history(path, 1);
  await store.commit({
    ...(step.action === 'put-stream' ? { puts: [{ path, ...(await contentOf(step, context)) }] } : { deletes: [path] }),
    expect: { [path]: version },
    subject: `load: ${step.action === 'put-stream' ? 'put back' : 'end'} ${topic}`.slice(0, 99),
    producer: `${host.user}@${host.name}`,
    // A crash between the commit and its record repeats the step: the same change after the same version is one.
    requestId: `load-${digestOfJson({ path, after: last?.version ?? null, want: want ?? null }).slice('sha256:'.length)}`,
  });
}

async function contentOf(
  { digest, size }: Extract<DataStep, { readonly action: 'put-stream' }>,
  { store, content }: LayerContext,
): Promise<MemberSource> {
  if (size <= INLINE) return { bytes: await content.read(digest) };
  if (await store.hasBlob(digest)) return { blob: digest, size };
  const taken = await store.putBlob((await content.stream(digest)) as AsyncIterable<Uint8Array>);
  return { blob: taken.digest, size: taken.size };
}
