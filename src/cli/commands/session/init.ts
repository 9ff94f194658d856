import { EXIT, RestageError } from '../../../errors.ts';
import { init } from '../../../snapshot/init.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { sessionInitText } from '../../render/session.ts';
import { readOptionalText } from '../../snapshot-input.ts';
import type { SessionCommands } from './contract.ts';

/** `restage session init [DIR]`: the folders of a session, in the workspace that is here, or in one that it makes. */
export async function runSessionInit(context: CommandContext, { parameters }: CommandInput): Promise<number> {
  const directory = readOptionalText(parameters['directory']);
  const session = directory === undefined ? await nearestSession(context) : await newSession(context, directory);
  const report = await session.init();
  context.print(report, sessionInitText(report));
  return EXIT.done;
}

async function nearestSession(context: CommandContext): Promise<SessionCommands> {
  try {
    return await context.engine.session();
  } catch (error) {
    if (error instanceof RestageError && error.code === 'workspace/missing') return newSession(context, '.');
    throw error;
  }
}

async function newSession({ engine }: CommandContext, directory: string): Promise<SessionCommands> {
  await init(await engine.snapshots({ mode: 'create', directory }));
  return engine.session({ mode: 'create', directory });
}
