import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readProcessStat, type ProcessStat } from './host.ts';

/**
 * What the kernel says of the processes of this machine, read from `/proc` at the moment of the call.
 *
 * Nothing here throws: a process that has ended, and a file that this user may not read, are `undefined`. Two calls may
 * speak of two processes, since a pid may be reused in between: who needs to be sure compares `startTicks` afterwards.
 * All of it is synchronous: the kernel answers from memory, and between a look and a signal nothing may come.
 */
export interface Proc {
  /** All processes, by pid, ascending. */
  readonly pids: () => readonly number[];
  readonly stat: (pid: number) => ProcessStat | undefined;
  /** The bytes of a file of the process, such as `cmdline`, `environ`, `net/tcp`, as UTF-8. */
  readonly text: (pid: number, file: string) => string | undefined;
  /** What a link of the process says: `exe`, `cwd`, `root`. */
  readonly link: (pid: number, file: string) => string | undefined;
  /** What the open descriptors of the process point to, such as `/dev/null` and `socket:[4711]`. */
  readonly descriptors: (pid: number) => readonly string[];
  /** Where the program of the process can be read, even after its file was replaced. */
  readonly programPath: (pid: number) => string;
  /** Time since boot in clock ticks, comparable with `startTicks`. */
  readonly uptimeTicks: () => number;
  /** The range of ports that the kernel gives to who asks for any. */
  readonly ephemeralPorts: () => { readonly first: number; readonly last: number };
}

/** Clock ticks in a second: fixed by Linux for all that `/proc` shows, whatever the kernel's own timer does. */
export const TICKS_PER_SECOND = 100;

/** The `/proc` of this machine. */
export function createProc(): Proc {
  return {
    pids: () =>
      (attempt(() => readdirSync('/proc')) ?? [])
        .filter((name) => /^\d+$/.test(name))
        .map(Number)
        .sort((a, b) => a - b),
    stat: readProcessStat,
    text: (pid, file) => attempt(() => readFileSync(`/proc/${pid}/${file}`, 'utf8')),
    link: (pid, file) => attempt(() => readlinkSync(`/proc/${pid}/${file}`)),
    descriptors: (pid) =>
      (attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? []).flatMap(
        (descriptor) => attempt(() => readlinkSync(`/proc/${pid}/fd/${descriptor}`)) ?? [],
      ),
    programPath: (pid) => `/proc/${pid}/exe`,
    uptimeTicks: () => {
      const [seconds = '0'] = (attempt(() => readFileSync('/proc/uptime', 'utf8')) ?? '0').split(' ');
      return Math.round(Number(seconds) * TICKS_PER_SECOND);
    },
    ephemeralPorts: () => {
      const text = attempt(() => readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')) ?? '32768 60999';
      const [first = 32768, last = 60999] = text.trim().split(/\s+/).map(Number);
      return { first, last };
    },
  };
}

function attempt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
