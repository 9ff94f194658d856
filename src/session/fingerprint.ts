import { compareText } from '../model/order.ts';
import type { Fingerprint, ListeningSocket } from '../model/fingerprint.ts';
import { redactArguments } from '../model/redact.ts';
import type { ProcessIdentity } from '../platform/host.ts';
import type { Proc } from '../platform/proc.ts';
import { maskValues } from './secrets.ts';
import { parseSocketTable } from './socket-table.ts';

/** Of which process, and what of it may not be seen. */
export interface FingerprintRequest {
  /** The first process of the unit. */
  readonly identity: ProcessIdentity;
  /** All processes of the unit: any of them may listen. */
  readonly members: readonly ProcessIdentity[];
  /** Values to be masked. */
  readonly secrets: readonly string[];
}

const TABLES = ['net/tcp', 'net/tcp6', 'net/udp', 'net/udp6'] as const;

/** Measures the stable part of a process; `undefined` if it has ended meanwhile. */
export function takeFingerprint(
  { identity, members, secrets }: FingerprintRequest,
  proc: Proc,
): Fingerprint | undefined {
  const { pid, startTicks } = identity;
  const cmdline = proc.text(pid, 'cmdline');
  const argv = (cmdline ?? '').split('\0').slice(0, -1);
  const fingerprint: Fingerprint = {
    cmdline: redactArguments(argv.map((argument) => maskValues(argument, secrets))),
    exe: proc.link(pid, 'exe')?.replace(/ \(deleted\)$/, '') ?? null,
    cwd: proc.link(pid, 'cwd') ?? null,
    uid: parseUid(proc.text(pid, 'status')),
    listen: listeningSockets(members, argv, proc),
  };
  // All of it is of one process only if that one is still there.
  return proc.stat(pid)?.startTicks === startTicks ? fingerprint : undefined;
}

/** The sockets on which some processes wait for callers, each once, sorted. */
export function listeningSockets(
  members: readonly ProcessIdentity[],
  argv: readonly string[],
  proc: Proc,
): ListeningSocket[] {
  const { first, last } = proc.ephemeralPorts();
  const found = new Map<string, ListeningSocket>();
  for (const { proto, addr, port: number } of members.flatMap(({ pid }) => socketsOf(pid, proc))) {
    const isChosen = number < first || number > last || argv.some((argument) => argument.includes(String(number)));
    const port = isChosen ? number : 0;
    found.set(`${proto} ${addr} ${String(port).padStart(5, '0')}`, { proto, addr, port });
  }
  return Array.from(found)
    .sort(([a], [b]) => compareText(a, b))
    .map(([, socket]) => socket);
}

/** The sockets of one process that wait for callers, by the table of its own network. */
function socketsOf(pid: number, proc: Proc): ListeningSocket[] {
  const inodes = new Set(proc.descriptors(pid).flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
  if (inodes.size === 0) return [];
  return TABLES.flatMap((table) => {
    const proto = table.startsWith('net/tcp') ? ('tcp' as const) : ('udp' as const);
    return parseSocketTable(proc.text(pid, table) ?? '', table)
      .filter(({ inode, listens }) => listens && inodes.has(inode))
      .map(({ addr, port }) => ({ proto, addr, port }));
  });
}

/** The effective user in the text of `/proc/PID/status`. */
export function parseUid(status: string | undefined): number | null {
  const uid = /^Uid:\s+\d+\s+(\d+)/m.exec(status ?? '')?.[1];
  return uid === undefined ? null : Number(uid);
}
