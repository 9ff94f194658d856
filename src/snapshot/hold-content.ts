import { RestageError } from '../errors.ts';
import type { Store } from '../store/contract.ts';
import type { ContentHolder } from './content.ts';
import type { SnapshotContext } from './context.ts';
import { publicStoreOf, type FoundSnapshot } from './find.ts';

/** Opens what else may hold the content of a snapshot: for a public one, the public store. Who opens disposes. */
export async function holdContent(
  found: FoundSnapshot,
  context: SnapshotContext,
): Promise<ContentHolder & AsyncDisposable> {
  const store = found.place === 'public' ? await openIfThere(publicStoreOf(context), context) : undefined;
  const { snapshot, version } = found;
  return { ...{ snapshot, version, store }, [Symbol.asyncDispose]: async () => store?.close() };
}

async function openIfThere(directory: string, context: SnapshotContext): Promise<Store | undefined> {
  try {
    return await context.openStore(directory, 'read');
  } catch (error) {
    if (error instanceof RestageError && error.code === 'workspace/missing') return undefined;
    throw error;
  }
}
