import type { Context } from '../../platform/context.ts';
import type { HttpServer, Listen } from '../../platform/http-server.ts';
import { bootFileName } from '../boot/sim.ts';
import { answerCard } from './card.ts';
import { FaultFile } from './faults.ts';
import { DaemonFile, LabFile, labPaths, SimState } from './lab-file.ts';
import { SimNode } from './sim-node.ts';

/** What the process of a lab stands on. */
export type ServeContext = Pick<Context, 'files' | 'clock' | 'random' | 'host' | 'signal'> & {
  readonly listen: Listen;
};

/** How often the process looks whether its lab is still there, in ms. */
const LOOK_MS = 500;

/**
 * Serves the cards and the nodes of a lab, until the context's signal aborts, the lab is gone, or another process
 * serves it. May be killed at any time: what it had answered is on disk, and the next one goes on with the same ports.
 */
export async function serveLab(directory: string, context: ServeContext): Promise<void> {
  const { files, clock, host, signal } = context;
  const paths = labPaths(directory);
  const lab = LabFile.parse(JSON.parse(await files.readText(paths.lab)));
  const earlier = await readDaemon(paths.daemon, context);
  await using servers = new AsyncDisposableStack();
  const ports: DaemonFile['ports'] = {};
  for (const node of lab.nodes) {
    const { card, node: own } = await serveNode(node, directory, earlier?.ports[node.name], context);
    servers.use(card);
    servers.use(own);
    ports[node.name] = { card: card.port, node: own.port };
  }
  const { machineId, bootId, pid, startTicks } = host;
  const daemon: DaemonFile = { v: 1, process: { machineId, bootId, pid, startTicks }, ports };
  await files.write(paths.daemon, JSON.stringify(daemon));
  try {
    while ((await readDaemon(paths.daemon, context))?.process.pid === pid) await clock.sleep(LOOK_MS);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Reads who serves a lab; `undefined` if nobody does, or if the file cannot be read. */
export async function readDaemon(
  path: string,
  { files }: Pick<ServeContext, 'files'>,
): Promise<DaemonFile | undefined> {
  const text = await files.readIfExists(path);
  try {
    return text === undefined ? undefined : DaemonFile.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function serveNode(
  { name, mac }: LabFile['nodes'][number],
  directory: string,
  ports: DaemonFile['ports'][string] | undefined,
  context: ServeContext,
): Promise<{ readonly card: HttpServer; readonly node: HttpServer }> {
  const { files, clock, listen } = context;
  const paths = labPaths(directory);
  const fault = async () => {
    const text = await files.readIfExists(paths.faults);
    // A file that somebody is just editing is no fault.
    const faults = text === undefined ? undefined : FaultFile.safeParse(parseJson(text)).data;
    return faults?.[name] ?? {};
  };
  const state = SimState.parse(JSON.parse(await files.readText(paths.state(name))));
  const node = new SimNode({ name, directory, bootEntry: bootFileName(mac), fault }, state, context);
  const card = await listen(ports?.card ?? 0, async (request) =>
    answerCard(request, node, (await fault()).card, clock.sleep),
  );
  return { card, node: await listen(ports?.node ?? 0, (request) => node.answer(request)) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
