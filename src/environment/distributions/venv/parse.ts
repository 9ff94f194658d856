import { posix } from 'node:path';
import { z } from 'zod';
import { redactText } from '../../../model/redact.ts';

/** What `pyvenv.cfg` says. */
export interface VenvConfiguration {
  readonly python: string | null;
  /** The program that it was made from, or the directory of that where an older Python wrote no more. */
  readonly base: string | null;
  readonly systemSite: boolean;
}

const DirectUrl = z.looseObject({
  url: z.string(),
  dir_info: z.looseObject({ editable: z.boolean().optional() }).optional(),
});

/** Reads `pyvenv.cfg`. */
export function parseVenvConfiguration(text: string): VenvConfiguration {
  const values = new Map(
    text.split('\n').flatMap((line) => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()] as const];
    }),
  );
  return {
    // virtualenv writes another word than the module venv.
    python: values.get('version') ?? values.get('version_info') ?? null,
    base: values.get('executable') ?? values.get('base-executable') ?? values.get('home') ?? null,
    systemSite: values.get('include-system-site-packages')?.toLowerCase() === 'true',
  };
}

/** Reads name and version out of `METADATA` or `PKG-INFO`; `undefined` where there are none. */
export function parseMetadata(text: string): { readonly name: string; readonly version: string } | undefined {
  const [head = ''] = text.split(/\r?\n\r?\n/, 1);
  const field = (key: string) => new RegExp(`^${key}:[ \\t]*(.+?)[ \\t\\r]*$`, 'mi').exec(head)?.[1];
  const [name, version] = [field('Name'), field('Version')];
  return name === undefined || version === undefined ? undefined : { name: normalizeName(name), version };
}

/**
 * Reads `RECORD`: which files a package owns.
 *
 * @param text - lines of path, hash and size; a path with a comma or a quote stands in quotes
 * @param folder - the site-packages that paths are relative to, itself relative to the environment
 * @returns paths relative to the environment; what lies outside is left out
 */
export function parseRecord(text: string, folder: string): string[] {
  return text.split(/\r?\n/).flatMap((line) => {
    if (line === '') return [];
    const [, quoted, plain = ''] = /^(?:"((?:[^"]|"")*)"|([^,]*))/.exec(line) ?? [];
    const path = quoted?.replaceAll('""', '"') ?? plain;
    const joined = posix.isAbsolute(path) ? '..' : posix.normalize(`${folder}/${path}`);
    return joined.startsWith('..') ? [] : [joined];
  });
}

/** Reads `direct_url.json`: where a package came from if not from an index, without credentials. */
export function parseDirectUrl(text: string | undefined): { readonly url: string | null; readonly editable: boolean } {
  try {
    const { url, dir_info: info } = DirectUrl.parse(JSON.parse(text ?? ''));
    return { url: redactText(url.replace(/^(\w+(?:\+\w+)?:\/\/)[^/@]*@/, '$1')), editable: info?.editable ?? false };
  } catch {
    return { url: null, editable: false };
  }
}

/** The one form of a name: `Foo_Bar.baz` is `foo-bar-baz`. */
export function normalizeName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
