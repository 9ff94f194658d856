import { join } from 'node:path';
import type { InitReport } from '../model/session-report.ts';
import type { Files } from '../platform/files.ts';

/** The folders of a session, in the order in which they are shown. */
export const SESSION_FOLDERS = ['bin', 'db', 'err', 'etc', 'exit', 'fp', 'out', 'pid', 'run'] as const;

/** What a new `etc/session.yaml` says. */
const SESSION_FILE = `# The session of this workspace. Yours to edit: restage keeps comments.
# dependences: {CHILD: ["PARENT:CONDITION"]}
dependences: {}
# schemes: {SCHEME: {command: [PROGRAM, "{uri}"]}}
schemes: {}
`;
/** Folders of what changes all the time: an ignore file in each keeps it out of the user's own git. */
const VOLATILE_FOLDERS = ['db', 'err', 'exit', 'out', 'pid', 'run'] as const;
const IGNORE_ALL = `# Made by restage session init: nothing here belongs into version control.
*
`;
const IGNORE_SECRETS = `# Made by restage session init: secrets do not belong into version control.
secrets.yaml
`;

/** The paths of a session. */
export interface SessionPaths {
  readonly workspace: string;
  readonly etc: string;
  readonly sessionFile: string;
  readonly secretsFile: string;
  /** Locks and what was set aside; below `.restage/`. */
  readonly state: string;
  readonly definition: (name: string) => string;
  readonly pid: (name: string) => string;
  readonly record: (name: string) => string;
  readonly exit: (name: string) => string;
  readonly out: (name: string) => string;
  readonly err: (name: string) => string;
  readonly db: (name: string) => string;
  /** The journal of what happened to units. */
  readonly journal: string;
}

/** Where everything of the session of a workspace lies; `state` is the workspace's `.restage/`. */
export function sessionPaths(workspace: string, state: string): SessionPaths {
  return {
    workspace,
    etc: join(workspace, 'etc'),
    sessionFile: join(workspace, 'etc/session.yaml'),
    secretsFile: join(workspace, 'etc/secrets.yaml'),
    state: join(state, 'session'),
    definition: (name) => join(workspace, 'etc', `${name}.yaml`),
    pid: (name) => join(workspace, 'pid', `${name}.pid`),
    record: (name) => join(workspace, 'pid', `${name}.json`),
    exit: (name) => join(workspace, 'exit', name),
    out: (name) => join(workspace, 'out', `${name}.out`),
    err: (name) => join(workspace, 'err', `${name}.out`),
    db: (name) => join(workspace, 'db', `${name}.db`),
    journal: join(workspace, 'db/session.jsonl'),
  };
}

/** Makes the folders and files of a session. Overwrites nothing and may be repeated. */
export async function initSession(paths: SessionPaths, files: Files): Promise<InitReport> {
  const found: string[] = [];
  for (const folder of SESSION_FOLDERS) {
    const path = join(paths.workspace, folder);
    if (await files.exists(path)) found.push(folder);
    await files.makeDirectory(path);
  }
  await files.create(paths.sessionFile, SESSION_FILE);
  // Not overwritten, but never left open either.
  if (!(await files.create(paths.secretsFile, '{}\n', { mode: 0o600 }))) await files.setMode(paths.secretsFile, 0o600);
  await files.create(join(paths.etc, '.gitignore'), IGNORE_SECRETS);
  for (const folder of VOLATILE_FOLDERS) await files.create(join(paths.workspace, folder, '.gitignore'), IGNORE_ALL);
  return { schema: 'restage/session-init/1', workspace: paths.workspace, folders: SESSION_FOLDERS, found };
}

/** Whether the workspace has a session. */
export async function hasSession(paths: SessionPaths, files: Pick<Files, 'exists'>): Promise<boolean> {
  return files.exists(paths.sessionFile);
}
