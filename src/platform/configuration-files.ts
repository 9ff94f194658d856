import { join } from 'node:path';
import {
  mergeConfiguration,
  settingEntry,
  variableEntries,
  type ConfigSource,
  type MergedConfiguration,
} from '../model/configuration.ts';
import { DEFAULTS, defaultEntries } from '../model/default-configuration.ts';
import { parseIni } from '../model/ini.ts';
import type { Context } from './context.ts';
import type { Files } from './files.ts';
import { userPlaces } from './workspace.ts';

/** Where configuration files are looked for. */
export interface ConfigurationPlaces {
  readonly home: string;
  /** Such as `~/.config/restage`. */
  readonly userConfiguration: string;
  /** The workspace and the working directory, in this order. */
  readonly directories: readonly string[];
  /** `/etc`, but for tests. */
  readonly system: string;
}

/** What configuration is asked for. */
export interface LoadConfiguration {
  /** The workspace and the working directory, in this order. */
  readonly directories: readonly string[];
  /** `--set section.key=value`, as typed. */
  readonly settings: readonly string[];
}

/**
 * The configuration that is in force: packaged defaults, files, environment variables, `--set`; later ones win.
 *
 * @throws {RestageError} `config/malformed` with file and line, `file/denied`, `cli/usage` for a `--set` that is none
 */
export async function loadConfiguration(
  { directories, settings }: LoadConfiguration,
  context: Pick<Context, 'files' | 'host' | 'variables'>,
): Promise<MergedConfiguration> {
  const { host, variables, files } = context;
  const userConfiguration = userPlaces(context).configuration;
  const found = await readConfigurationFiles(
    { home: host.home, userConfiguration, directories, system: '/etc' },
    files,
  );
  const known = new Map<string, string[]>();
  for (const { section, key } of [...DEFAULTS, ...found.flatMap(({ entries }) => entries)]) {
    known.set(section, [...(known.get(section) ?? []), key]);
  }
  const sources: readonly ConfigSource[] = [
    { kind: 'default', entries: defaultEntries() },
    ...found,
    { kind: 'explicit', entries: variableEntries(variables, known) },
    { kind: 'explicit', entries: settings.map((text) => settingEntry(text, known)) },
  ];
  return mergeConfiguration(sources, host.name);
}

/**
 * Reads all configuration files that are there, lowest first: those of rhubarbe, then restage's own.
 *
 * @throws {RestageError} `config/malformed` with file and line, `file/denied`
 */
export async function readConfigurationFiles(
  places: ConfigurationPlaces,
  files: Pick<Files, 'readIfExists'>,
): Promise<readonly ConfigSource[]> {
  const { home, userConfiguration, directories, system } = places;
  const old = [
    join(system, 'rhubarbe/rhubarbe.conf'),
    join(home, '.rhubarbe.conf'),
    ...directories.map((directory) => join(directory, 'rhubarbe.conf')),
  ].flatMap((path) => [path, `${path}.local`]);
  const own = [
    join(system, 'restage/restage.conf'),
    join(userConfiguration, 'restage.conf'),
    ...directories.map((directory) => join(directory, 'restage.conf')),
  ];
  const sources = await Promise.all([
    ...[...new Set(old)].map((path) => readSource(path, 'rhubarbe', files)),
    ...[...new Set(own)].map((path) => readSource(path, 'file', files)),
  ]);
  return sources.filter((source) => source !== undefined);
}

async function readSource(
  path: string,
  kind: ConfigSource['kind'],
  files: Pick<Files, 'readIfExists'>,
): Promise<ConfigSource | undefined> {
  const text = await files.readIfExists(path);
  if (text === undefined) return undefined;
  const entries = parseIni(text, path).map(({ section, key, value, line }) => ({
    ...{ section, key, value, origin: `${path}:${line}` },
  }));
  return { kind, entries };
}
