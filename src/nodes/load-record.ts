import { join } from 'node:path';
import { z } from 'zod';
import { DigestText } from '../model/digest.ts';
import type { NodesSetup } from './context.ts';

/** What we know of a disk since we wrote it: `loaded/NODE.json`. */
export const LoadRecord = z.object({
  v: z.literal(1),
  node: z.string(),
  image: DigestText,
  name: z.string().optional(),
  run: z.string(),
  /** When the disk was written and read back, RFC 3339. */
  verified: z.string(),
  /** The last line of the disk's stamp when its system answered; absent while it has not. */
  stamp: z.string().optional(),
});

/** What we know of a disk since we wrote it. */
export type LoadRecord = z.infer<typeof LoadRecord>;

type RecordContext = Pick<NodesSetup, 'files' | 'nodesState'>;

/** The record of a node; `undefined` if we never wrote its disk, or if the record cannot be read. */
export async function readLoadRecord(
  node: string,
  { files, nodesState }: RecordContext,
): Promise<LoadRecord | undefined> {
  const text = await files.readIfExists(recordPath(node, nodesState));
  try {
    return text === undefined ? undefined : LoadRecord.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Writes the record of a node, durably. */
export async function writeLoadRecord(record: LoadRecord, { files, nodesState }: RecordContext): Promise<void> {
  await files.write(recordPath(record.node, nodesState), `${JSON.stringify(record)}\n`);
}

/** Forgets what was on a disk: before it is written, and when its node is gone. */
export async function removeLoadRecord(node: string, { files, nodesState }: RecordContext): Promise<void> {
  await files.remove(recordPath(node, nodesState));
}

function recordPath(node: string, nodesState: string): string {
  return join(nodesState, 'loaded', `${node}.json`);
}
