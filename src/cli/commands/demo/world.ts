import { RestageError } from '../../../errors.ts';
import type { DemoMachine } from './machine.ts';

const AUTHOR = ['-c', 'user.name=demo', '-c', 'user.email=demo@example.org'];

/** A program that serves a page until it is told to stop; it takes the port that the system gives it. */
const SERVER = `import { createServer } from 'node:http';
createServer((request, response) => response.end('measured\\n')).listen(0, '127.0.0.1');
`;
/** A program that works in silence. */
const WORKER = `setInterval(() => undefined, 1000);
`;
const PLAN = 'node fit01 sends\nnode fit02 listens\n';

/** The files of the demo's npm project before npm has seen them, by path. */
const PROJECT: Readonly<Record<string, string>> = {
  'app/package.json': `${JSON.stringify({ name: 'analysis', version: '1.0.0', private: true, type: 'module' }, null, 2)}\n`,
  'app/.gitignore': 'node_modules/\n.venv/\n',
  'app/analyse.js': `import { filter } from 'signal-filter';\nprocess.stdout.write(filter('raw') + '\\n');\n`,
  'app/server.js': SERVER,
  'app/worker.js': WORKER,
  'vendor/1/package.json': packageText('1.0.0'),
  'vendor/1/index.js': 'export const filter = (text) => `filtered ${text}`;\n',
  'vendor/2/package.json': packageText('2.0.0'),
  'vendor/2/index.js': 'export const filter = (text) => `smoothed ${text}`;\n',
};

/** Builds the experiment: an npm project in a git work tree, and a Python virtual environment where python3 can make one. */
export async function buildProject(machine: DemoMachine): Promise<readonly string[]> {
  for (const [path, text] of Object.entries(PROJECT)) await machine.write(path, text);
  await must(machine, 'git', ['init', '--quiet', '--initial-branch=main'], 'app');
  await installFilter(machine, 1);
  await must(machine, 'git', ['add', '.'], 'app');
  await must(machine, 'git', [...AUTHOR, 'commit', '--quiet', '--message', 'The analysis as published'], 'app');
  // Uncommitted work is part of an experiment too.
  await machine.write('app/analyse.js', `${PROJECT['app/analyse.js'] ?? ''}// threshold 0.5, not committed yet\n`);
  const { status } = await machine.run('python3', ['-m', 'venv', '--without-pip', '.venv'], { within: 'app' });
  if (status === 0) await writePythonPackage(machine, '1.0.0');
  return status === 0 ? ['git', 'npm', 'venv'] : ['git', 'npm'];
}

/** Installs one of the two versions of the filter with npm itself, from a folder: no network. */
export async function installFilter(machine: DemoMachine, version: 1 | 2): Promise<void> {
  const options = ['--offline', '--no-audit', '--no-fund', '--ignore-scripts', '--install-links', '--loglevel=error'];
  await must(machine, 'npm', ['install', ...options, `../vendor/${version}`], 'app');
}

/** Puts a Python package into the virtual environment as an installer would. */
export async function writePythonPackage(machine: DemoMachine, version: string): Promise<void> {
  const found = await must(
    machine,
    '.venv/bin/python',
    ['-c', 'import sysconfig; print(sysconfig.get_path("purelib"))'],
    'app',
  );
  const site = `app/${found.trim().split('/app/').at(-1) ?? ''}`;
  const information = `${site}/calibration-1.dist-info`;
  await machine.write(`${site}/calibration.py`, `VERSION = '${version}'\n`);
  await machine.write(`${information}/METADATA`, `Metadata-Version: 2.1\nName: calibration\nVersion: ${version}\n`);
  await machine.write(`${information}/INSTALLER`, 'demo\n');
  await machine.write(`${information}/RECORD`, 'calibration.py,,\ncalibration-1.dist-info/METADATA,,\n');
}

/** The raw data of the experiment. */
export function rawData(): string {
  return PLAN;
}

/** Runs a program that has to work, and answers what it printed. */
export async function must(
  machine: DemoMachine,
  file: string,
  args: readonly string[],
  within: string,
): Promise<string> {
  const { status, stdout, stderr } = await machine.run(file, args, { within });
  if (status === 0) return stdout;
  if (status === 127) throw new RestageError('exec/not-found', `the demo needs ${file}`, { hint: `Install ${file}` });
  throw new RestageError('exec/failed', `${file} ended with ${status}: ${stderr.trim().split('\n').at(-1) ?? ''}`);
}

function packageText(version: string): string {
  const fields = { name: 'signal-filter', version, type: 'module', exports: './index.js' };
  return `${JSON.stringify(fields, null, 2)}\n`;
}
