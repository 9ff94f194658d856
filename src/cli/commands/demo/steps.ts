import type { DemoMachine } from './machine.ts';
import { buildProject, installFilter, rawData, writePythonPackage } from './world.ts';

/** One thing that the demo shows. */
export interface DemoStep {
  /** What it shows, in a line for a newcomer. */
  readonly says: string;
  /** Calls of restage, as they would be typed; each ends with one of the statuses of `expect` (0 if absent). */
  readonly commands?: readonly DemoCommand[];
  /** What is done beside restage; answers a line that says what. */
  readonly act?: (machine: DemoMachine, notes: DemoNotes) => Promise<string>;
}

/** One call of restage. */
export interface DemoCommand {
  readonly args: readonly string[];
  readonly input?: string;
  readonly expect?: number;
  /** What it prints on stdout belongs to the show. */
  readonly shows?: boolean;
  /** Looks at what was printed; answers what is wrong, if anything. */
  readonly examine?: (stdout: string, notes: DemoNotes) => string | undefined;
}

/** What one step learns and a later one needs. */
export interface DemoNotes {
  hasVenv: boolean;
  /** Digest of each layer at the first save. */
  saved: Readonly<Record<string, string>>;
}

const NODES = 8;
const OTHER_IMAGE = 'fedora-36';

/** The story: build, save, wreck, look, put back, prove. */
export const STORY: readonly DemoStep[] = [
  {
    says: 'a workspace, and a testbed of eight simulated nodes',
    commands: [
      { args: ['init'] },
      { args: ['nodes', 'lab', 'up', String(NODES), '--kind', 'sim'] },
      { args: ['nodes', 'on', '-a'] },
      { args: ['nodes', 'wait', '-a', '--timeout', '20'] },
    ],
  },
  {
    says: 'the software: an npm project in a git work tree with uncommitted work, and a Python virtual environment',
    act: async (machine, notes) => {
      const built = await buildProject(machine);
      notes.hasVenv = built.includes('venv');
      return `made ${built.join(', ')}${notes.hasVenv ? '' : ' (no virtual environment: python3 cannot make one here)'}`;
    },
  },
  {
    says: 'a session of three units',
    commands: [
      { args: ['session', 'init'] },
      ...unit('demo.server', ['node', 'app/server.js']),
      ...unit('demo.worker', ['node', 'app/worker.js']),
      ...unit('demo.clock', ['sleep', '86400']),
    ],
  },
  { says: 'a stream of data', commands: [{ args: ['data', 'put', 'qplan raw'], input: rawData() }] },
  {
    says: 'all four layers saved as one version',
    commands: [{ args: ['save', 'demo'], shows: true }, digests('demo')],
  },
  {
    says: 'now everything is wrecked: a node off, another image, a package, a file, a unit killed, new data',
    commands: [
      { args: ['nodes', 'off', '3', '--yes'] },
      { args: ['nodes', 'load', '-i', OTHER_IMAGE, '5', '--yes'] },
      { args: ['data', 'put', 'qplan raw'], input: 'overwritten by mistake\n' },
    ],
    act: wreck,
  },
  { says: 'what has changed since', commands: [{ args: ['diff', 'demo', 'live'], expect: 1, shows: true }] },
  { says: 'what a load would do', commands: [{ args: ['load', 'demo', '--plan'], shows: true }] },
  { says: 'the load: only what differs is touched', commands: [{ args: ['load', 'demo', '--yes'], shows: true }] },
  {
    says: 'the proof: nothing differs, and a fresh save has the same digests, layer by layer',
    commands: [
      { args: ['diff', 'demo', 'live'] },
      { args: ['save', 'again'] },
      sameDigests('again'),
      { args: ['verify', 'demo'], shows: true },
    ],
  },
];

/** What ends what the story started, whatever came of it. */
export const CLEAN_UP: readonly DemoCommand[] = [
  { args: ['session', 'stop', '--all'] },
  { args: ['nodes', 'lab', 'down'] },
];

async function wreck(machine: DemoMachine, { hasVenv }: DemoNotes): Promise<string> {
  await installFilter(machine, 2);
  if (hasVenv) await writePythonPackage(machine, '2.0.0');
  await machine.write('app/analyse.js', 'process.stdout.write("oops\\n");\n');
  const { stdout } = await machine.restage(['session', 'show', '--json']);
  const pid = /"alias":\s*"demo\.worker"[^{}]*"pid":\s*(\d+)/.exec(stdout)?.[1] ?? /"pid":\s*(\d+)/.exec(stdout)?.[1];
  if (pid !== undefined) await machine.kill(Number(pid));
  return `npm has another signal-filter, app/analyse.js is overwritten${hasVenv ? ', calibration is 2.0.0' : ''}, process ${pid ?? '?'} was killed`;
}

function unit(alias: string, argv: readonly string[]): DemoCommand[] {
  return [{ args: ['session', 'start', '--alias', alias, '--shutdown', '1', '--', ...argv] }];
}

function digests(name: string): DemoCommand {
  return {
    args: ['view', name, '--json'],
    examine: (stdout, notes) => {
      notes.saved = layerDigests(stdout);
      return Object.keys(notes.saved).length === 4
        ? undefined
        : `the snapshot holds ${Object.keys(notes.saved).join(', ')}`;
    },
  };
}

function sameDigests(name: string): DemoCommand {
  return {
    args: ['view', name, '--json'],
    examine: (stdout, { saved }) => {
      const now = layerDigests(stdout);
      const different = Object.keys(saved).filter((layer) => saved[layer] !== now[layer]);
      return different.length === 0 ? undefined : `${different.join(' and ')} is not as it was`;
    },
  };
}

function layerDigests(stdout: string): Readonly<Record<string, string>> {
  const document = JSON.parse(stdout) as { readonly digests?: Readonly<Record<string, string>> };
  return document.digests ?? {};
}
