import type { ConfigEntry } from './configuration.ts';

/** A key that restage knows, and its value where nobody gives one. */
export interface KnownKey {
  readonly section: string;
  readonly key: string;
  /** Absent: there is none, or it depends on what is there. */
  readonly value?: string;
}

/** The keys that have a meaning. A file may have others, such as those of sections with names (`[stream qplan]`). */
export const DEFAULTS: readonly KnownKey[] = [
  { section: 'store', key: 'inline', value: '32K' },
  { section: 'store', key: 'mirror' },
  { section: 'store', key: 'public', value: '/var/lib/restage/store' },
  { section: 'gc', key: 'grace', value: '24h' },
  { section: 'undo', key: 'keep', value: '10d' },
];

/** The packaged defaults as values of the configuration. */
export function defaultEntries(): readonly ConfigEntry[] {
  return DEFAULTS.flatMap(({ section, key, value }) =>
    value === undefined ? [] : [{ section, key, value, origin: 'default' }],
  );
}
