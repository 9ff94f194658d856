import { EXIT, RestageError } from '../../errors.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { COMPLETION_SCRIPTS, isShell } from '../completion/scripts.ts';

/** `restage completion SHELL`: the script that a shell reads at its start. */
export async function runCompletion({ print }: CommandContext, { parameters }: CommandInput): Promise<number> {
  const shell = String(parameters['shell']);
  if (!isShell(shell)) {
    const shells = Object.keys(COMPLETION_SCRIPTS);
    throw new RestageError('cli/usage', `there is no completion for ${JSON.stringify(shell)}`, {
      hint: `Choose one of ${shells.join(', ')}`,
      details: { shell, shells },
    });
  }
  print({ schema: 'restage/completion/1', shell, script: COMPLETION_SCRIPTS[shell] }, COMPLETION_SCRIPTS[shell]);
  return EXIT.done;
}
