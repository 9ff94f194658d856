import { EXIT, RestageError } from '../../errors.ts';
import { splitName } from '../../model/configuration.ts';
import type { Configuration } from '../../model/config.ts';
import { nearest } from '../../model/nearest.ts';
import { isSecretKey, REDACTED } from '../../model/redact.ts';
import type { CommandContext, CommandInput } from '../command.ts';
import { tableText } from '../render/table.ts';

interface Row {
  readonly section: string;
  readonly key: string;
  readonly value: string;
  readonly origin: string;
}

/** `restage config [SECTION[.KEY]]`: the values that are in force, and where each was found. */
export async function runConfig(context: CommandContext, { parameters }: CommandInput): Promise<number> {
  const configuration = await (await context.engine.general()).configuration();
  for (const warning of configuration.warnings) context.say(`restage: ${warning}`);
  const name = parameters['name'];
  const all = rowsOf(configuration);
  const values = typeof name === 'string' ? chosen(name, all) : all;
  context.print(
    { schema: 'restage/configuration/1', values },
    tableText(
      ['key', 'value', 'origin'],
      values.map(({ section, key, value, origin }) => [`${section}.${key}`, value, origin]),
    ),
  );
  return EXIT.done;
}

function rowsOf(configuration: Configuration): readonly Row[] {
  return configuration.sections().flatMap((section) =>
    [...configuration.section(section)].map(([key, { value, origin }]) => ({
      ...{ section, key, origin },
      value: isSecretKey(key) ? REDACTED : value,
    })),
  );
}

function chosen(name: string, rows: readonly Row[]): readonly Row[] {
  const sections = new Map(rows.map(({ section }) => [section, [] as string[]]));
  const [section, key] = splitName(name, sections);
  const found = rows.filter((row) => row.section === name || (row.section === section && row.key === key));
  if (found.length > 0) return found;
  const names = [...sections.keys(), ...rows.map((row) => `${row.section}.${row.key}`)];
  const candidates = nearest(name, names);
  throw new RestageError('config/unknown', `nothing is set for ${name}`, {
    ...(candidates.length > 0 && { hint: `Did you mean ${candidates.join(' or ')}` }),
    details: { name, candidates },
  });
}
