import { RestageError } from '../errors.ts';
import type { InventoryNode } from '../model/inventory.ts';
import { failure, type Answer } from './answer.ts';
import type { RemoteContext, RemoteDriver } from './remote/contract.ts';
import { STAMP_PATH, stampLines } from './stamp.ts';
import { within } from './within.ts';

/** What the system of a node says about itself. */
export interface RemoteFacts {
  readonly bootId: string;
  readonly kernel: string;
  /** Bytes of the disk; absent if the system does not say. */
  readonly diskSize?: number;
  /** The lines of the stamp; empty if the disk has none. */
  readonly stamp: readonly string[];
}

/** The remote drivers, and what they may touch. */
export interface RemotesContext extends RemoteContext {
  readonly remoteDrivers: readonly RemoteDriver[];
}

const SECTOR = 512;
const PAUSES_MS = { first: 20, last: 1000 } as const;

/** Reads all of it with one program, so that it is of one moment. */
export async function readRemoteFacts(node: InventoryNode, context: RemotesContext): Promise<Answer<RemoteFacts>> {
  const disk = node.disk.slice(node.disk.lastIndexOf('/') + 1);
  const paths = [
    '/proc/sys/kernel/random/boot_id',
    '/proc/sys/kernel/osrelease',
    `/sys/class/block/${disk}/size`,
    STAMP_PATH,
  ];
  const answer = await remoteOf(node, context).run(node, 'cat', paths, context);
  if (!answer.ok) return answer;
  const facts = parseRemoteFacts(answer.value.stdout);
  return facts ? { ok: true, value: facts } : failure('ssh-timeout', 'its system does not say what it is');
}

/** Reads the files one after the other: boot id, kernel, sectors (may be missing), stamp (may be missing). */
export function parseRemoteFacts(text: string): RemoteFacts | undefined {
  const [bootId = '', kernel = '', ...rest] = text.split('\n');
  if (!/^[0-9a-f-]{36}$/.test(bootId) || kernel === '') return undefined;
  const sectors = /^\d+$/.test(rest[0] ?? '') ? Number(rest[0]) : undefined;
  const stamp = stampLines((sectors === undefined ? rest : rest.slice(1)).join('\n'));
  return { bootId, kernel, stamp, ...(sectors !== undefined && { diskSize: sectors * SECTOR }) };
}

/** Waits until the system of a node answers; `pauseMs` says after how long it is asked again. */
export async function waitForRemote(
  node: InventoryNode,
  limitMs: number,
  pauseMs: (attempt: number) => number,
  context: RemotesContext,
): Promise<Answer> {
  let last: Answer = failure('ssh-timeout', 'it was not asked');
  const answered = await within(limitMs, context, async (signal) => {
    for (let attempt = 0; ; attempt++) {
      const answer = await remoteOf(node, context).run(node, 'true', [], { ...context, signal });
      if (answer.ok) return { ok: true, value: undefined } as const;
      last = answer;
      await context.clock.sleep(pauseMs(attempt), signal);
    }
  });
  return answered ?? last;
}

/** Short pauses at first, longer ones later: for what is starting and will soon answer. */
export function eagerPause(attempt: number): number {
  return Math.min(PAUSES_MS.first * 2 ** Math.min(attempt, 10), PAUSES_MS.last);
}

function remoteOf(node: InventoryNode, { remoteDrivers }: RemotesContext): RemoteDriver {
  const driver = remoteDrivers.find(({ id }) => id === node.ssh.driver);
  if (driver) return driver;
  throw new RestageError('node/no-driver', `there is no remote driver ${node.ssh.driver}`, {
    details: { driver: node.ssh.driver, known: remoteDrivers.map(({ id }) => id) },
  });
}
