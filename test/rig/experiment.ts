import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { runRestage, type RestageRun } from './cli.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const AUTHOR = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];

/** A whole experiment with all four layers, driven by the built program as a user drives it. */
export interface Experiment extends AsyncDisposable {
  readonly directory: string;
  /** Runs a command; the statuses that are fine are those of `expect`, 0 if absent. */
  readonly restage: (args: readonly string[], options?: { input?: string; expect?: number }) => Promise<RestageRun>;
  /** Writes a file below the directory. */
  readonly write: (path: string, text: string) => void;
  readonly read: (path: string) => string;
  /** Installs one version of the package `filter` into the npm project as npm would leave it. */
  readonly installFilter: (version: string) => void;
  /** The pid of a unit that runs. */
  readonly pidOf: (alias: string) => Promise<number>;
}

/** Makes one: simulated nodes, an npm project in a git work tree with uncommitted work, two units, a stream. */
export async function startExperiment(nodes = 4): Promise<Experiment> {
  const temporary = temporaryDirectory();
  const directory = temporary.path;
  const restage: Experiment['restage'] = async (args, { input, expect: wanted = 0 } = {}) => {
    const run = await runRestage(args, { cwd: directory, ...(input !== undefined && { input }) });
    expect(run.status, `restage ${args.join(' ')}\n${run.stdout}${run.stderr}`).toBe(wanted);
    return run;
  };
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), text);
  };
  const installFilter = (version: string) => {
    const entry = { version, resolved: `file:filter-${version}.tgz`, integrity: `sha512-${btoa(version)}` };
    const packages = { 'node_modules/filter': entry };
    write('app/node_modules/.package-lock.json', JSON.stringify({ name: 'app', lockfileVersion: 3, packages }));
    write('app/node_modules/filter/package.json', JSON.stringify({ name: 'filter', version }));
    write('app/node_modules/filter/index.js', `export const version = '${version}';\n`);
  };
  const experiment: Experiment = {
    ...{ directory, restage, write, installFilter },
    read: (path) => readFileSync(join(directory, path), 'utf8'),
    pidOf: async (alias) => {
      const { stdout } = await restage(['session', 'show', '--json']);
      const { units } = JSON.parse(stdout) as { units: readonly { alias: string | null; pid: number | null }[] };
      const pid = units.find((unit) => unit.alias === alias)?.pid;
      if (typeof pid !== 'number') throw new Error(`unit ${alias} has no pid in ${stdout}`);
      return pid;
    },
    [Symbol.asyncDispose]: async () => {
      await runRestage(['session', 'stop', '--all', '--yes'], { cwd: directory });
      await runRestage(['nodes', 'lab', 'down'], { cwd: directory });
      temporary[Symbol.dispose]();
    },
  };
  try {
    await build(experiment, nodes);
  } catch (error) {
    await experiment[Symbol.asyncDispose]();
    throw error;
  }
  return experiment;
}

async function build({ directory, restage, write, installFilter }: Experiment, nodes: number): Promise<void> {
  await restage(['init']);
  await restage(['nodes', 'lab', 'up', String(nodes), '--kind', 'sim']);
  await restage(['nodes', 'on', '-a']);
  write('app/package.json', '{"name":"app","dependencies":{"filter":"*"}}\n');
  write('app/.gitignore', 'node_modules/\n');
  write('app/main.js', 'first\n');
  installFilter('1.0.0');
  const git = (...args: string[]) => execFileSync('git', [...AUTHOR, ...args], { cwd: join(directory, 'app') });
  git('init', '--quiet');
  git('add', '.');
  git('commit', '--quiet', '--message', 'first');
  write('app/main.js', 'first\nand uncommitted work\n');
  await restage(['session', 'init']);
  for (const alias of ['web', 'worker']) {
    await restage(['session', 'start', '--alias', alias, '--restart', '0', '--shutdown', '1', '--', 'sleep', '3600']);
  }
  await restage(['data', 'put', 'qplan raw'], { input: 'first data\n' });
}
