import type { Files } from '../platform/files.ts';
import type { Host, ProcessIdentity } from '../platform/host.ts';

/** Who holds a lock or has left a temporary file: enough to tell later, on any machine, whether that process still lives. */
export interface Owner extends ProcessIdentity {
  /** Of this opening of the store; a process may have several. */
  readonly id: string;
  /** Name of the machine, for messages. */
  readonly host: string;
}

/** Makes the record of this process. */
export function ownerOf({ machineId, bootId, pid, startTicks, name }: Host, id: string): Owner {
  return { id, machineId, bootId, pid, startTicks, host: name };
}

/** Writes an owner as one line of JSON. */
export function ownerText(owner: Owner): string {
  return `${JSON.stringify(owner)}\n`;
}

/** Reads a record; `undefined` for what is none, such as a lock of git's. */
export function parseOwner(text: string): Owner | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value = JSON.parse(text) as Partial<Owner>;
    const { id, machineId, bootId, pid, startTicks, host } = value;
    const isWhole =
      [id, machineId, bootId, host].every((field) => typeof field === 'string') &&
      [pid, startTicks].every((field) => typeof field === 'number');
    return isWhole ? (value as Owner) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether an owner is gone for certain. One of another machine never is: it would have to be asked. */
export async function isGone(
  owner: ProcessIdentity,
  { host, files }: { readonly host: Host; readonly files: Pick<Files, 'readIfExists'> },
): Promise<boolean> {
  if (owner.machineId !== host.machineId) return false;
  if (owner.bootId !== host.bootId) return true;
  const stat = await files.readIfExists(`/proc/${owner.pid}/stat`).catch(() => '');
  // The name stands in parentheses and may itself hold blanks and parentheses.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? [];
  if (stat === '') return false;
  return fields[0] === 'Z' || Number(fields[19]) !== owner.startTicks;
}
