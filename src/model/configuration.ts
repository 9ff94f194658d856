import { RestageError } from '../errors.ts';
import type { Configuration, ConfigValue } from './config.ts';
import { compareText } from './order.ts';

/** Values that were found in one place. */
export interface ConfigSource {
  readonly entries: readonly ConfigEntry[];
  /** `rhubarbe`: a file of rhubarbe, whose values keep their quotes; `explicit`: for this run, wins over host values. */
  readonly kind: 'default' | 'file' | 'rhubarbe' | 'explicit';
}

/** One value, and where it was found. */
export interface ConfigEntry extends ConfigValue {
  readonly section: string;
  /** Empty: the section is there, perhaps with nothing in it. */
  readonly key: string;
}

/** A configuration, and what a person should know about how it was read. */
export interface MergedConfiguration extends Configuration {
  readonly warnings: readonly string[];
}

/**
 * Merges sources into the configuration that is in force.
 *
 * Later sources win, value by value. `key.HOSTNAME` wins over `key` wherever both come from files, with the host's
 * full name or its first part; what was given for this run (environment, `--set`) wins over both.
 *
 * @param sources - lowest first
 */
export function mergeConfiguration(sources: readonly ConfigSource[], hostName: string): MergedConfiguration {
  const sections = new Map<string, Map<string, ConfigValue>>();
  const warnings: string[] = [];
  const explicit = sources.filter(({ kind }) => kind === 'explicit');
  for (const { entries, kind } of sources.filter((source) => source.kind !== 'explicit')) {
    for (const entry of entries) put(sections, entry.section, entry.key, read(entry, kind, warnings));
  }
  const suffixes = [...new Set([hostName, hostName.split('.')[0] ?? ''])].filter((name) => name !== '');
  for (const values of sections.values()) preferHost(values, suffixes);
  for (const { section, key, ...value } of explicit.flatMap(({ entries }) => entries))
    put(sections, section, key, value);
  return {
    warnings,
    get: (section, key) => sections.get(section)?.get(key)?.value,
    section: (name) => new Map([...(sections.get(name) ?? [])].sort(([a], [b]) => compareText(a, b))),
    sections: () => [...sections.keys()].sort(compareText),
  };
}

/**
 * The values that environment variables give: `RESTAGE_STORE_DIR` is `dir` of `[store]`.
 *
 * A variable counts when it begins with the name of a section in `known`, written in capitals with `_` for all that is
 * no letter or digit; the longest such name wins.
 */
export function variableEntries(
  variables: Readonly<Record<string, string | undefined>>,
  known: ReadonlyMap<string, readonly string[]>,
): readonly ConfigEntry[] {
  const sections = [...known.keys()].sort((a, b) => b.length - a.length);
  return Object.entries(variables).flatMap(([name, value]): ConfigEntry[] => {
    if (!name.startsWith('RESTAGE_') || value === undefined) return [];
    const section = sections.find((candidate) => name.startsWith(`RESTAGE_${capitals(candidate)}_`));
    if (section === undefined) return [];
    const rest = name.slice(`RESTAGE_${capitals(section)}_`.length);
    const key = known.get(section)?.find((candidate) => capitals(candidate) === rest) ?? rest.toLowerCase();
    return rest === '' ? [] : [{ section, key, value, origin: name }];
  });
}

/**
 * Reads what stands behind `--set`: `section.key=value`. The section ends at the first dot, or at the longest section
 * that is known.
 *
 * @throws {RestageError} `cli/usage`
 */
export function settingEntry(text: string, known: ReadonlyMap<string, readonly string[]>): ConfigEntry {
  const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  const [section, key] = splitName(name.trim(), known);
  if (section !== '' && key !== '') return { section, key, value, origin: '--set' };
  throw new RestageError('cli/usage', `--set ${text} names no value`, {
    hint: 'Write --set section.key=value, such as --set store.mirror=/backup',
    details: { text },
  });
}

/** Splits `store.etcd.endpoints` into the section and the key. */
export function splitName(
  name: string,
  known: ReadonlyMap<string, readonly string[]>,
): readonly [section: string, key: string] {
  const sections = [...known.keys()].sort((a, b) => b.length - a.length);
  const section = sections.find((candidate) => name.startsWith(`${candidate}.`)) ?? name.split('.')[0] ?? '';
  return [section, name.slice(section.length + 1)];
}

function put(sections: Map<string, Map<string, ConfigValue>>, section: string, key: string, value: ConfigValue): void {
  const values = sections.get(section) ?? new Map<string, ConfigValue>();
  if (key !== '') values.set(key, value);
  sections.set(section, values);
}

function read(
  { section, key, value, origin }: ConfigEntry,
  kind: ConfigSource['kind'],
  warnings: string[],
): ConfigValue {
  const inner = /^(["'])(.*)\1$/s.exec(value)?.[2];
  if (inner === undefined || kind === 'default') return { value, origin };
  if (kind === 'rhubarbe') {
    warnings.push(`${origin}: the quotes are part of the value of ${section}.${key}, as rhubarbe has it`);
    return { value, origin };
  }
  // `"a" == "b"` begins and ends with a quote and is not quoted.
  return { value: inner.includes(value.charAt(0)) ? value : inner, origin };
}

function preferHost(values: Map<string, ConfigValue>, suffixes: readonly string[]): void {
  // The full name is more exact than its first part, so it is set last.
  for (const suffix of suffixes.toReversed()) {
    const ending = `.${suffix.toLowerCase()}`;
    for (const [key, value] of [...values]) {
      if (!key.toLowerCase().endsWith(ending)) continue;
      values.set(key.slice(0, -ending.length), value);
      values.delete(key);
    }
  }
}

function capitals(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}
