import { ExitRecord, ProcessRecord } from '../model/process-record.ts';
import type { z } from 'zod';
import type { SessionContext } from './context.ts';

type RecordContext = Pick<SessionContext, 'files' | 'paths'>;

/** Reads what runs of a unit by our records; `undefined` if nothing does, or if the record is damaged. */
export async function readRecord(name: string, { files, paths }: RecordContext): Promise<ProcessRecord | undefined> {
  return readJson(await files.readIfExists(paths.record(name)), ProcessRecord);
}

/** Writes the record durably, and the plain pid beside it for scripts. */
export async function writeRecord(record: ProcessRecord, { files, paths }: RecordContext): Promise<void> {
  await files.write(paths.record(record.name), `${JSON.stringify(record, undefined, 2)}\n`, { mode: 0o600 });
  if (record.identity) await files.write(paths.pid(record.name), `${record.identity.pid}\n`);
  else await files.remove(paths.pid(record.name));
}

/** Forgets what ran: a pid file goes with its process. */
export async function removeRecord(name: string, { files, paths }: RecordContext): Promise<void> {
  await files.remove(paths.pid(name));
  await files.remove(paths.record(name));
}

/** How the last process of a unit ended, where somebody saw it. */
export async function readExit(name: string, { files, paths }: RecordContext): Promise<ExitRecord | undefined> {
  return readJson(await files.readIfExists(paths.exit(name)), ExitRecord);
}

/** Keeps how a process ended. */
export async function writeExit(name: string, exit: ExitRecord, { files, paths }: RecordContext): Promise<void> {
  await files.write(paths.exit(name), `${JSON.stringify(exit)}\n`);
}

function readJson<Value>(text: string | undefined, schema: z.ZodType<Value>): Value | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
