import { EXIT, RestageError } from '../../../errors.ts';
import { save } from '../../../snapshot/save.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { environmentText, traceText } from '../../render/env.ts';
import { savedText } from '../../render/report.ts';
import { openSnapshots, readOptionalText } from '../../snapshot-input.ts';
import type { TracedCommand, TracedUse } from './contract.ts';
import { describeOnly, environmentOf, specOf } from './environment-of.ts';
import { readTypes } from './typed.ts';

/**
 * `restage env trace [NAME] [-- COMMAND]`: captures the environment, prints it or saves it as a snapshot of that one
 * layer. With a command it runs that first, and says which packages it used.
 */
export async function runEnvTrace(context: CommandContext, input: CommandInput): Promise<number> {
  const name = readOptionalText(input.parameters['name']);
  const only = readTypes(input);
  const argv = input.rest;
  if (argv?.length === 0) throw new RestageError('cli/usage', 'there is no command behind --');
  const snapshots = await openSnapshots(context, name === undefined ? 'read' : 'write');
  const traced = argv && (await runTraced(argv, context));
  const found = await environmentOf('live', snapshots);
  const use =
    traced && (await (await context.engine.environment()).attribute(traced, specOf(found.body), snapshots.workspace));
  const command = traced && use && commandOf(traced, use);
  const status = traced && traced.exit !== 0 ? EXIT.someFailed : EXIT.done;
  if (name === undefined) {
    const description = describeOnly(found, only, snapshots);
    const { unresolved } = found;
    context.print(
      { schema: 'restage/env-trace/1', environment: specOf(found.body), unresolved, ...(command && { command }) },
      [environmentText(found, description), ...(traced && use ? ['', traceText(traced, use)] : [])].join('\n'),
    );
    return status;
  }
  const message = traced && `traced: ${traced.argv.join(' ')}`.slice(0, 90);
  const keep = readOptionalText(input.options['keep']) === 'none' ? ('none' as const) : ('all' as const);
  const saved = await save(
    { name, only: ['environment'], settings: { keep }, ...(message !== undefined && { message }) },
    snapshots,
  );
  context.print(
    { ...saved, ...(command && { command }) },
    [...(traced && use ? [traceText(traced, use)] : []), savedText(saved)].join('\n'),
  );
  return status;
}

/** With `--json` stdout is for the document: what the program prints goes to stderr. */
async function runTraced(argv: readonly string[], context: CommandContext): Promise<TracedCommand> {
  const environment = await context.engine.environment();
  const writing: Promise<void>[] = [];
  const traced = await environment.trace({
    ...{ argv, directory: context.directory },
    output: (bytes, stream) => {
      if (stream === 'stdout' && !context.flags.json) writing.push(context.write(bytes));
      else context.say(Buffer.from(bytes).toString('utf8').replace(/\n$/, ''));
    },
  });
  await Promise.all(writing);
  return traced;
}

function commandOf({ argv, exit, how, processes, files }: TracedCommand, use: TracedUse): object {
  return { argv, exit, how, processes, files, ...use };
}
