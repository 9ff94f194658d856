import { realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from './context.ts';
import type { ExecResult } from './exec.ts';

/**
 * A temporary directory in which restage runs itself and other programs, for the demo.
 *
 * Nothing outside the directory is written: `HOME` and the XDG directories lie in it too, so that nobody's
 * configuration is read and none of it is changed. What was started there is ended by whoever started it.
 */
export interface Sandbox {
  readonly directory: string;
  restage(args: readonly string[], options?: { readonly input?: string }): Promise<ExecResult>;
  run(file: string, args: readonly string[], options?: { readonly within?: string }): Promise<ExecResult>;
  write(path: string, text: string): Promise<void>;
  read(path: string): Promise<string>;
  kill(pid: number): Promise<void>;
  dispose(): Promise<void>;
}

/** Makes one. */
export async function createSandbox({ exec, files }: Pick<Context, 'exec' | 'files'>): Promise<Sandbox> {
  const directory = await files.makeTemporaryDirectory(join(realpathSync(tmpdir()), 'restage-demo-'));
  const home = join(directory, '.home');
  await files.makeDirectory(home);
  const env = {
    ...{ HOME: home, XDG_CONFIG_HOME: join(home, 'config'), XDG_DATA_HOME: join(home, 'data') },
    ...{ XDG_CACHE_HOME: join(home, 'cache'), GIT_CONFIG_NOSYSTEM: '1', NO_COLOR: '1' },
    ...{ npm_config_cache: join(home, 'npm'), RESTAGE_TIMEOUT: undefined, NODES: undefined, ALL_NODES: undefined },
  };
  const [program = ''] = process.argv.slice(1, 2);
  return {
    directory,
    restage: (args, { input } = {}) =>
      exec(process.execPath, [program, ...args], { cwd: directory, env, ...(input !== undefined && { input }) }),
    run: (file, args, { within = '.' } = {}) =>
      exec(file.includes('/') ? join(directory, within, file) : file, args, { cwd: join(directory, within), env }),
    write: (path, text) => files.write(join(directory, path), text),
    read: (path) => files.readText(join(directory, path)),
    kill: async (pid) => {
      process.kill(pid, 'SIGKILL');
    },
    dispose: () => files.remove(directory),
  };
}
