import { z } from 'zod';
import { redactText } from '../../../model/redact.ts';

/** What a lock file says of one place in the tree. */
export interface LockedPackage {
  readonly integrity: string | null;
  readonly resolved: string | null;
}

/** What a package says of itself. */
export interface PackageName {
  readonly name: string | null;
  readonly version: string | null;
}

const Lock = z.looseObject({
  packages: z
    .record(z.string(), z.looseObject({ integrity: z.string().optional(), resolved: z.unknown().optional() }))
    .optional(),
});
const Manifest = z.looseObject({ name: z.string().optional(), version: z.string().optional() });

/** Caches that tools keep among the packages: nobody installed them, and they are made again. */
const CACHES = new Set(['.cache', '.vite', '.vite-temp', '.vitest']);

/**
 * The package that a file belongs to.
 *
 * @param path - relative to the outermost `node_modules`
 * @returns the place of the innermost package, such as `node_modules/a/node_modules/@b/c`; `''` for what lies loose
 */
export function packageOf(path: string): string {
  const segments = ['node_modules', ...path.split('/')];
  for (let at = segments.lastIndexOf('node_modules'); at >= 0; at = segments.lastIndexOf('node_modules', at - 1)) {
    const name = segments[at + 1];
    if (name !== undefined && !name.startsWith('.')) {
      const isScoped = name.startsWith('@') && segments.length > at + 2;
      return segments.slice(0, at + (isScoped ? 3 : 2)).join('/');
    }
    if (at === 0) break;
  }
  return '';
}

/** Whether an entry is no part of what was installed. The path is relative to the outermost `node_modules`. */
export function isCache(path: string): boolean {
  return CACHES.has(path) || path.startsWith('.restage-');
}

/** Reads `package-lock.json`, or the lock that npm keeps in `node_modules`; what cannot be read says nothing. */
export function parseLock(text: string | undefined): ReadonlyMap<string, LockedPackage> {
  const read = Lock.safeParse(parseJson(text));
  return new Map(
    Object.entries(read.data?.packages ?? {}).map(([path, { integrity = null, resolved }]) => [
      path,
      { integrity, resolved: typeof resolved === 'string' ? redactText(resolved) : null },
    ]),
  );
}

/** Reads name and version out of a `package.json`; what cannot be read has neither. */
export function parseManifest(text: string | undefined): PackageName {
  const { name = null, version = null } = Manifest.safeParse(parseJson(text)).data ?? {};
  return { name, version };
}

function parseJson(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined;
  }
}
