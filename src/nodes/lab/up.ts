import { parse, stringify } from 'yaml';
import { RestageError } from '../../errors.ts';
import { timeText } from '../../model/time.ts';
import type { Context } from '../../platform/context.ts';
import type { Daemons } from '../../platform/daemon.ts';
import type { Store } from '../../store/contract.ts';
import { resolveImage, type FoundImage } from '../image-store.ts';
import { writeLoadRecord } from '../load-record.ts';
import { releaseLock, takeLock, type LockContext } from '../locks.ts';
import { within } from '../within.ts';
import { FaultFile } from './faults.ts';
import { DEFAULT_IMAGE, registerTinyImages } from './images.ts';
import { labPaths, LabFile, type DaemonFile, type SimState } from './lab-file.ts';
import { readDaemon } from './serve.ts';

/** What starting and ending a lab stands on. */
export interface LabContext extends Context, LockContext {
  readonly daemons: Daemons;
  /** The folder of the lab. */
  readonly labDirectory: string;
  readonly store: () => Promise<Store>;
}

/** How a lab is made. */
export interface LabRequest {
  /** How many nodes; absent: as many as the lab has, 8 for a new one. */
  readonly count?: number | undefined;
  /** The image on all disks at the beginning. */
  readonly image?: string | undefined;
  /** The text of a file of faults, JSON or YAML. */
  readonly faults?: string | undefined;
}

/** A lab that is up. */
export interface LabReport {
  readonly directory: string;
  readonly inventory: string;
  readonly pid: number;
  readonly nodes: readonly { readonly name: string; readonly card: number; readonly port: number }[];
  /** `started`: it was made; `restarted`: its process had ended; `already`: nothing was done but for faults. */
  readonly outcome: 'started' | 'restarted' | 'already';
}

const COUNT = { usual: 8, most: 200 } as const;
const START_LIMIT_MS = 20_000;
const LOOK_MS = 20;

/**
 * Brings a lab up, whatever was left of it: makes it if there is none, starts its process again if that has ended.
 * The lab goes on when this process ends; `labDown` ends it.
 */
export async function labUp(request: LabRequest, context: LabContext): Promise<LabReport> {
  const run = `lab-${context.random.hex(4)}`;
  const locked = await takeLock('lab', run, START_LIMIT_MS, context);
  if (!locked.ok) throw new RestageError('lab/busy', `the lab is being started or ended: ${locked.detail}`);
  try {
    return await bringUp(request, context);
  } finally {
    await releaseLock('lab', run, context);
  }
}

/** Reads what is there of a lab; `undefined` if there is none. */
export async function readLab({ files, labDirectory }: Pick<LabContext, 'files' | 'labDirectory'>) {
  const text = await files.readIfExists(labPaths(labDirectory).lab);
  return text === undefined ? undefined : LabFile.parse(JSON.parse(text));
}

async function bringUp(request: LabRequest, context: LabContext): Promise<LabReport> {
  const { files, daemons, labDirectory } = context;
  const paths = labPaths(labDirectory);
  const present = await readLab(context);
  if (present && request.count !== undefined && request.count !== present.nodes.length) {
    throw new RestageError('lab/other', `the lab is up with ${present.nodes.length} nodes, not ${request.count}`);
  }
  const lab = present ?? (await makeLab(request, context));
  if (request.faults !== undefined) await files.write(paths.faults, JSON.stringify(readFaults(request.faults)));
  const running = present ? await readDaemon(paths.daemon, context) : undefined;
  const state = running && daemons.state(running.process);
  if (state === 'elsewhere') throw elsewhere();
  const daemon = running && state === 'alive' ? running : await startDaemon(context);
  await files.write(paths.inventory, stringify(inventoryOf(lab, daemon)));
  return {
    ...{ directory: labDirectory, inventory: paths.inventory, pid: daemon.process.pid },
    nodes: lab.nodes.map(({ name }) => {
      const { card = 0, node: port = 0 } = daemon.ports[name] ?? {};
      return { name, card, port };
    }),
    outcome: !present ? 'started' : state === 'alive' ? 'already' : 'restarted',
  };
}

/** The refusal to touch a lab whose process is on another machine. */
export function elsewhere(): RestageError {
  return new RestageError('lab/elsewhere', 'the process of this lab runs on another machine');
}

async function makeLab({ count = COUNT.usual, image }: LabRequest, context: LabContext): Promise<LabFile> {
  const { files, random, host, labDirectory } = context;
  if (!Number.isInteger(count) || count < 1 || count > COUNT.most) {
    throw new RestageError('cli/usage', `a lab has 1 to ${COUNT.most} nodes, not ${count}`);
  }
  const store = await context.store();
  await registerTinyImages(`${host.user}@${host.name}`, store);
  const found = await resolveImage(image ?? DEFAULT_IMAGE, store);
  const content = await readWhole(found, store);
  const paths = labPaths(labDirectory);
  const nodes = Array.from({ length: count }, (_, index) => nodeOf(index + 1));
  const verified = timeText(context.clock.now());
  const makeNode = async (name: string) => {
    const state: SimState = { power: 'on', outlets: { usrp: 'off' }, system: 'disk', bootId: random.uuid() };
    await files.write(paths.disk(name), content);
    await files.write(paths.state(name), JSON.stringify(state));
    await writeLoadRecord({ v: 1, node: name, image: found.image, name: found.name, run: 'lab', verified }, context);
  };
  await Promise.all(nodes.map(({ name }) => makeNode(name)));
  await files.makeDirectory(paths.boot);
  const lab: LabFile = { v: 1, kind: 'sim', nodes };
  // Last: without this file there is no lab, and the next `lab up` makes it again.
  await files.write(paths.lab, JSON.stringify(lab));
  return lab;
}

async function readWhole({ image, name }: FoundImage, store: Store): Promise<Uint8Array> {
  const blob = await store.readBlob(image);
  if (!blob) throw new RestageError('image/unknown', `the store does not hold the content of ${name}`);
  const parts: Uint8Array[] = [];
  for await (const part of blob.stream as AsyncIterable<Uint8Array>) parts.push(part);
  return Buffer.concat(parts);
}

function nodeOf(number: number): LabFile['nodes'][number] {
  const name = `fit${String(number).padStart(2, '0')}`;
  return { name, number, mac: `52:54:00:00:03:${number.toString(16).padStart(2, '0')}` };
}

function readFaults(text: string): FaultFile {
  try {
    return FaultFile.parse(parse(text));
  } catch (cause) {
    throw new RestageError('lab/faults', 'cannot read the file of faults', { cause });
  }
}

async function startDaemon(context: LabContext): Promise<DaemonFile> {
  const { files, clock, daemons, labDirectory } = context;
  const paths = labPaths(labDirectory);
  const owner = await daemons.start({
    args: ['nodes', 'lab', 'serve', labDirectory],
    directory: '/',
    log: paths.log,
  });
  const ready = await within(START_LIMIT_MS, context, async (signal) => {
    while (daemons.state(owner) === 'alive') {
      const daemon = await readDaemon(paths.daemon, context);
      if (daemon?.process.pid === owner.pid) return daemon;
      await clock.sleep(LOOK_MS, signal);
    }
    return undefined;
  });
  if (ready) return ready;
  await daemons.end(owner, 1000);
  const last = (await files.readIfExists(paths.log))?.trim().split('\n').at(-1) ?? '';
  throw new RestageError('lab/failed', `the process of the lab did not start${last && `: ${last}`}`, {
    details: { log: paths.log },
  });
}

function inventoryOf({ nodes }: LabFile, { ports }: DaemonFile): unknown {
  return {
    testbed: 'lab',
    defaults: { agent: 'sim', boot: [{ driver: 'sim', directory: 'boot' }], disk: '/dev/sda', ssh: { driver: 'sim' } },
    nodes: Object.fromEntries(
      nodes.map(({ name, number, mac }) => {
        const { card = 0, node = 0 } = ports[name] ?? {};
        const feed = { driver: 'cmc', host: `127.0.0.1:${card}` };
        const item = {
          number,
          control: { host: '127.0.0.1', mac },
          power: [feed],
          outlets: { usrp: { ...feed, verbs: 'usrp' } },
          ssh: { port: node },
          at: [(number - 1) % 8, Math.floor((number - 1) / 8)],
        };
        return [name, item];
      }),
    ),
  };
}
