import type { Json } from '../model/json.ts';
import type { Files } from '../platform/files.ts';

/**
 * Records that are made durable before the effects they announce: after `kill -9` the next run finds what was meant.
 *
 * One JSON value per line. A last line without its newline was torn by a crash: it is dropped, since the effect that it
 * announced cannot have begun. One process writes at a time; its owner stands in the first record.
 */
export interface Journal {
  /** Resolves when the record is durable. Records keep the order of the calls. */
  append(record: Json): Promise<void>;
}

/** The write-ahead journals of the store, bound to the files of this machine. */
export interface Journals {
  open(path: string): Promise<Journal>;
  read(path: string): Promise<unknown[]>;
}

/** Opens the journal at `path`, which is made by the first `append`. A torn last line is cut off. */
export async function openJournal(
  path: string,
  files: Pick<Files, 'append' | 'readIfExists' | 'write'>,
): Promise<Journal> {
  const text = await files.readIfExists(path);
  if (text !== undefined && text !== '' && !text.endsWith('\n')) {
    await files.write(path, text.slice(0, text.lastIndexOf('\n') + 1));
  }
  let last: Promise<void> = Promise.resolve();
  return {
    append: (record) => {
      // After a failed append nothing may follow: the order of records is a promise.
      last = last.then(() => files.append(path, `${JSON.stringify(record)}\n`));
      return last;
    },
  };
}

/** Reads all records of a journal, oldest first; none if there is no file. A torn last line is left out. */
export async function readJournal(path: string, files: Pick<Files, 'readIfExists'>): Promise<unknown[]> {
  const text = (await files.readIfExists(path)) ?? '';
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}
