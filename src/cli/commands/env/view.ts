import { resolve } from 'node:path';
import { EXIT } from '../../../errors.ts';
import type { CommandContext, CommandInput } from '../../command.ts';
import { environmentText, packagesText, whyText } from '../../render/env.ts';
import { openSnapshots, readOptionalText, readText } from '../../snapshot-input.ts';
import { describeOnly, environmentOf, specOf } from './environment-of.ts';
import { readTypes } from './typed.ts';

/** `restage env view TARGET`: what is in an environment, or with `--why` to whom a file belongs. */
export async function runEnvView(context: CommandContext, input: CommandInput): Promise<number> {
  const { parameters, options } = input;
  const only = readTypes(input);
  const path = readOptionalText(options['why']);
  const snapshots = await openSnapshots(context, 'read');
  const found = await environmentOf(readOptionalText(parameters['target']) ?? 'live', snapshots);
  const spec = specOf(found.body);
  if (path !== undefined) return explain(path);
  const shown = { ...spec, distributions: spec.distributions.filter(({ type }) => only?.includes(type) ?? true) };
  const description = describeOnly(found, only, snapshots);
  const lists = options['packages'] === true ? packagesText(shown.distributions) : [];
  context.print(
    { schema: 'restage/env-view/1', target: found.target, environment: shown, unresolved: found.unresolved },
    [environmentText(found, description), ...lists].join('\n\n'),
  );
  return EXIT.done;

  async function explain(typed: string): Promise<number> {
    const file = resolve(context.directory, readText(typed));
    const traced = { argv: [], exit: 0, how: 'observed', processes: 0, files: { [file]: 'input' } } as const;
    const environment = await context.engine.environment();
    const { packages } = await environment.attribute(traced, spec, snapshots.workspace);
    const owner = packages[0] ?? null;
    context.print({ schema: 'restage/env-why/1', path: file, owner }, whyText(file, owner));
    return owner ? EXIT.done : EXIT.someFailed;
  }
}
