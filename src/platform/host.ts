import { readFileSync } from 'node:fs';
import { homedir, hostname, userInfo } from 'node:os';

/** Who and where this process is. With `machineId`, `bootId`, `pid` and `startTicks` a process has one name for ever. */
export interface Host {
  /** The host name, such as `lab`. */
  readonly name: string;
  /** 32 hex digits that stay over reboots; from `/etc/machine-id`, else the host name. */
  readonly machineId: string;
  /** A uuid that changes at each boot. */
  readonly bootId: string;
  readonly user: string;
  readonly uid: number;
  readonly home: string;
  readonly pid: number;
  /** Start of this process, in clock ticks since boot. */
  readonly startTicks: number;
}

/** A process by its only safe name: a pid alone may be reused. */
export interface ProcessIdentity {
  readonly machineId: string;
  readonly bootId: string;
  readonly pid: number;
  readonly startTicks: number;
}

/** What `/proc/PID/stat` says of a process. */
export interface ProcessStat {
  /** One letter of the kernel: `R` running, `S` sleeping, `Z` zombie, … */
  readonly state: string;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly startTicks: number;
}

/** Reads this machine and this process. */
export function readHost(): Host {
  const { username, uid } = userInfo();
  const name = hostname();
  return {
    name,
    machineId: readLine('/etc/machine-id') || name,
    bootId: readLine('/proc/sys/kernel/random/boot_id'),
    user: username,
    uid,
    home: homedir(),
    pid: process.pid,
    startTicks: readProcessStat(process.pid)?.startTicks ?? 0,
  };
}

/** Reads `/proc/PID/stat`; `undefined` if there is no such process. */
export function readProcessStat(pid: number): ProcessStat | undefined {
  const text = readLine(`/proc/${pid}/stat`);
  // The name stands in parentheses and may itself hold blanks and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (fields.length < 20) return undefined;
  const [state = '?', parent, group, session] = fields;
  return {
    state,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    startTicks: Number(fields[19]),
  };
}

/**
 * Says whether the owner of a record still lives: `alive`, `gone`, or `elsewhere` when another machine has to be asked.
 * A zombie is gone.
 */
export function ownerState(owner: ProcessIdentity, host: Host): 'alive' | 'gone' | 'elsewhere' {
  if (owner.machineId !== host.machineId) return 'elsewhere';
  if (owner.bootId !== host.bootId) return 'gone';
  const stat = readProcessStat(owner.pid);
  return stat?.startTicks === owner.startTicks && stat.state !== 'Z' ? 'alive' : 'gone';
}

function readLine(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '';
  }
}
