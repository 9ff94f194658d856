/** Run by a test as a program of its own, to be killed: starts a unit, or stops one, and hangs at a given place. */
import { join } from 'node:path';
import { StartRequest } from '../../src/model/session-request.ts';
import type { SessionContext } from '../../src/session/context.ts';
import { sessionContext } from '../../src/session/context.ts';
import { createSession } from '../../src/session/commands.ts';
import { testContext } from './context.ts';
import { sessionTools } from './session.ts';

/** Where the process hangs; `nowhere`: it does all it should. */
export type HangingPlace = 'before-launch' | 'after-launch' | 'before-signal' | 'nowhere';

/** What the process is asked to do. */
export interface SessionProcessRequest {
  readonly workspace: string;
  readonly hang: HangingPlace;
  readonly start?: Partial<StartRequest>;
  readonly stop?: string;
}

const request = JSON.parse(process.argv[2] ?? '{}') as SessionProcessRequest;
const test = testContext();
const tools = sessionTools(test);
const place = { workspace: request.workspace, state: join(request.workspace, '.restage') };
const real = sessionContext(test, tools, place);
const context: SessionContext = {
  ...real,
  processes: {
    ...tools.processes,
    launch: async (launch) => {
      if (request.hang === 'before-launch') await hang();
      const launched = await tools.processes.launch(launch);
      if (request.hang === 'after-launch') await hang();
      return launched;
    },
    signal: (identity, name) => {
      if (request.hang === 'before-signal') block();
      return tools.processes.signal(identity, name);
    },
  },
};
const session = createSession(context);
if (request.start) {
  const report = await session.start({ ...StartRequest.parse(request.start), directory: request.workspace });
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
if (request.stop !== undefined) await session.stop({ units: [request.stop], all: false });
process.exit();

function hang(): Promise<never> {
  process.stdout.write('hangs\n');
  setInterval(() => undefined, 1_000_000);
  return new Promise(() => undefined);
}

/** Stops the whole process where it is: what is synchronous cannot wait. */
function block(): void {
  process.stdout.write('hangs\n');
  process.kill(process.pid, 'SIGSTOP');
}
