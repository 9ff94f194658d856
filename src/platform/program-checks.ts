import type { Context } from './context.ts';
import { zeroMq } from './zeromq.ts';

/** One thing that may be here or not, as `restage doctor` shows it. */
export interface ProgramCheck {
  readonly area: string;
  readonly id: string;
  readonly summary: string;
  readonly required?: boolean;
  readonly remedy?: string;
  readonly probe: () => Promise<
    { readonly available: true; readonly note?: string } | { readonly available: false; readonly reason: string }
  >;
}

/** A program, what it is for, and the Debian package that brings it. */
interface KnownProgram {
  readonly id: string;
  readonly args: readonly string[];
  readonly summary: string;
  readonly debian: string;
  readonly required?: boolean;
}

const OLDEST_NODE = 24;
const PROGRAMS: readonly KnownProgram[] = [
  { id: 'git', args: ['--version'], summary: 'keeps the history', debian: 'git', required: true },
  { id: 'npm', args: ['--version'], summary: 'installs npm projects at a load', debian: 'npm' },
  { id: 'python3', args: ['--version'], summary: 're-creates virtual environments', debian: 'python3' },
  {
    id: 'python3-venv',
    ...{ args: ['-c', 'import ensurepip, venv'], summary: 'makes virtual environments', debian: 'python3-venv' },
  },
  { id: 'ssh', args: ['-V'], summary: 'reaches nodes', debian: 'openssh-client' },
  { id: 'strace', args: ['--version'], summary: 'traces what a command uses', debian: 'strace' },
  { id: 'dpkg', args: ['--version'], summary: 'the packages of Debian', debian: 'dpkg' },
  { id: 'tar', args: ['--version'], summary: 'bundles trees', debian: 'tar' },
];
/** Programs whose name is not their id. */
const FILES: Readonly<Record<string, string>> = { 'python3-venv': 'python3' };

/** The runtime, and the programs that restage calls. */
export function programChecks({ exec }: Pick<Context, 'exec'>): readonly ProgramCheck[] {
  return [nodeCheck(), ...PROGRAMS.map((program) => programCheck(program, exec))];
}

/** Whether the sockets of `restage serve` can be opened: the library is optional and has native code. */
export function zeroMqCheck(): ProgramCheck {
  return {
    ...{ area: 'program', id: 'zeromq', summary: 'lets restage serve speak to ZeroMQ clients' },
    remedy: 'run npm ci without --omit=optional',
    probe: async () => {
      const library = await zeroMq.open();
      return library.available ? { available: true, note: `ZeroMQ ${library.version}` } : library;
    },
  };
}

function nodeCheck(): ProgramCheck {
  return {
    ...{ area: 'restage', id: 'node', summary: 'runs restage', required: true },
    remedy: `put Node ${OLDEST_NODE} into PATH, or run npm ci without --omit=optional`,
    probe: async () => {
      const { version } = process;
      if (Number(/\d+/.exec(version)?.[0]) >= OLDEST_NODE) return { available: true, note: `Node ${version}` };
      return { available: false, reason: `this is Node ${version}` };
    },
  };
}

function programCheck(
  { id, args, summary, debian, required = false }: KnownProgram,
  exec: Context['exec'],
): ProgramCheck {
  return {
    ...{ area: 'program', id, summary, required, remedy: `apt-get install ${debian}` },
    probe: async () => {
      try {
        const { status, stdout, stderr } = await exec(FILES[id] ?? id, args);
        if (status === 127) return { available: false, reason: 'not in PATH' };
        if (status !== 0) return { available: false, reason: stderr.trim().split('\n').at(-1) ?? `status ${status}` };
        const version = /\d+(\.\d+)+\S*/.exec(stdout || stderr)?.[0];
        return {
          available: true,
          note: version === undefined ? summary : `${version.replace(/[,;]$/, '')}: ${summary}`,
        };
      } catch (error) {
        return { available: false, reason: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}
