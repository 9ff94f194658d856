import { z } from 'zod';
import { RestageError } from '../errors.ts';
import { canonicalJson } from '../model/json.ts';

/** `store.json`: what a store is, written once. */
export const StoreFile = z.looseObject({
  format: z.literal(1),
  id: z.uuid(),
  engine: z.string(),
  chunker: z.string(),
});
/** `store.json`, read. */
export type StoreFile = z.infer<typeof StoreFile>;

/** Reads `store.json`. @throws {RestageError} `store/format` */
export function parseStoreFile(text: string, file: string): StoreFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RestageError('store/format', `${file} is no JSON`, { details: { file }, cause });
  }
  const read = StoreFile.safeParse(value);
  if (read.success) return read.data;
  throw new RestageError('store/format', `${file} is not of format 1`, { details: { file }, cause: read.error });
}

/** Writes `store.json`. */
export function writeStoreFile(file: StoreFile): string {
  return `${canonicalJson(file)}\n`;
}
