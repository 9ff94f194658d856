import { createServer } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { readProcessStat } from '../../src/platform/host.ts';
import { createProc } from '../../src/platform/proc.ts';
import { listeningSockets, parseUid } from '../../src/session/fingerprint.ts';
import { parseSocketTable } from '../../src/session/socket-table.ts';

const TITLES = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

function line(local: string, state: string, inode: number): string {
  return `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000 100\n`;
}

test.each([
  {
    table: 'net/tcp',
    local: '0100007F:1D48',
    state: '0A',
    addr: '127.0.0.1',
    port: 7496,
    listens: true,
    why: 'a server on loopback',
  },
  {
    table: 'net/tcp',
    local: '0100007F:1D48',
    state: '01',
    addr: '127.0.0.1',
    port: 7496,
    listens: false,
    why: 'a connection',
  },
  {
    table: 'net/udp',
    local: '00000000:0035',
    state: '07',
    addr: '0.0.0.0',
    port: 53,
    listens: true,
    why: 'UDP without a peer',
  },
  {
    table: 'net/tcp6',
    local: `${'0'.repeat(32)}:1F90`,
    state: '0A',
    addr: '::',
    port: 8080,
    listens: true,
    why: 'any address of IPv6',
  },
  {
    table: 'net/tcp6',
    local: `${'0'.repeat(24)}01000000:1F90`,
    state: '0A',
    addr: '::1',
    port: 8080,
    listens: true,
    why: 'loopback of IPv6',
  },
  {
    table: 'net/tcp6',
    local: '0000000000000000FFFF00000100007F:0050',
    state: '0A',
    addr: '127.0.0.1',
    port: 80,
    listens: true,
    why: 'IPv4 within IPv6',
  },
  {
    table: 'net/tcp6',
    local: 'B80D0120000000000000000001000000:0050',
    state: '0A',
    addr: '2001:db8::1',
    port: 80,
    listens: true,
    why: 'zeros in the middle',
  },
])('$local in $table is $addr:$port: $why', ({ table, local, state, addr, port, listens }) => {
  expect(parseSocketTable(TITLES + line(local, state, 4711), table)).toEqual([{ inode: '4711', listens, addr, port }]);
});

test('an empty table, and one that is cut off, have what they have', () => {
  expect(parseSocketTable('', 'net/tcp')).toEqual([]);
  expect(parseSocketTable(`${TITLES}   0: 0100007F:1D48 0000`, 'net/tcp')).toEqual([]);
});

test('a port that the kernel chose has no number, one that was asked for has its own', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const self = {
    machineId: '',
    bootId: '',
    pid: process.pid,
    startTicks: readProcessStat(process.pid)?.startTicks ?? 0,
  };
  const proc = createProc();
  const socket = { proto: 'tcp', addr: '127.0.0.1' };
  expect(listeningSockets([self], [], proc)).toContainEqual({ ...socket, port: 0 });
  expect(listeningSockets([self], [`--port=${port}`], proc)).toContainEqual({ ...socket, port });
  server.close();
  await once(server, 'close');
});

test('parseUid reads the effective user', () => {
  expect(parseUid('Name:\tx\nUid:\t1000\t0\t1000\t1000\n')).toBe(0);
  expect(parseUid(undefined)).toBeNull();
});
