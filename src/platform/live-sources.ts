import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

/** Where completion finds the names of what is there. Absence is an empty answer, and nothing throws. */
export interface LiveSources {
  /** The working directory. */
  readonly directory: string;
  /** Of the user: where a workspace of their own and their snapshots may lie. */
  readonly user: { readonly workspace: string; readonly snapshots: string };
  /** The names in a directory, sorted. */
  readonly list: (path: string) => Promise<readonly string[]>;
  /** The text of a file. */
  readonly read: (path: string) => Promise<string>;
  /** What a program prints; it gets half a second. */
  readonly run: (file: string, args: readonly string[]) => Promise<string>;
}

/** A person waits at a TAB; ms. */
const PATIENCE_MS = 500;

/** The sources of this machine. Apart from `platform/files.ts` and `exec.ts`, since each module costs at every TAB. */
export function createLiveSources(
  directory: string,
  variables: Readonly<Record<string, string | undefined>>,
): LiveSources {
  const { XDG_DATA_HOME: data, HOME: home = '/' } = variables;
  const workspace = join(data !== undefined && isAbsolute(data) ? data : join(home, '.local/share'), 'restage');
  return {
    directory,
    user: { workspace, snapshots: join(workspace, 'snapshots') },
    list: async (path) => orElse([], async () => (await readdir(path)).sort()),
    read: async (path) => orElse('', () => readFile(path, 'utf8')),
    run: (file, args) =>
      new Promise((done) => {
        execFile(file, [...args], { timeout: PATIENCE_MS, maxBuffer: 64 << 20 }, (_, stdout) => {
          done(stdout);
        });
      }),
  };
}

async function orElse<Value>(fallback: Value, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch {
    return fallback;
  }
}
