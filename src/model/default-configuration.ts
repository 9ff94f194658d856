import type { ConfigEntry } from './configuration.ts';

/** A key that restage knows, and its value where nobody gives one. */
export interface KnownKey {
  readonly section: string;
  readonly key: string;
  /** Absent: there is none, or it depends on what is there. */
  readonly value?: string;
}

/**
 * The keys that have a meaning, with the values that the code falls back to. A file may have others, such as those of
 * sections with names (`[stream qplan]`), and all that rhubarbe knows.
 */
export const DEFAULTS: readonly KnownKey[] = [
  { section: 'store', key: 'inline', value: '32K' },
  { section: 'store', key: 'mirror' },
  { section: 'store', key: 'public', value: '/var/lib/restage/store' },
  { section: 'store', key: 'snapshots', value: '/var/lib/restage/snapshots' },
  { section: 'gc', key: 'grace', value: '24h' },
  { section: 'undo', key: 'keep', value: '10d' },
  { section: 'nodes', key: 'boot_timeout', value: '120' },
  { section: 'nodes', key: 'inventory' },
  { section: 'nodes', key: 'keep_runs', value: '100' },
  { section: 'nodes', key: 'state' },
  { section: 'nodes', key: 'window', value: '32' },
  { section: 'testbed', key: 'all_scope' },
  { section: 'testbed', key: 'inventory_path' },
  { section: 'testbed', key: 'rebootname', value: 'reboot' },
  { section: 'testbed', key: 'regularname', value: 'fit' },
  { section: 'environment', key: 'depth', value: '6' },
  { section: 'environment', key: 'env_allow' },
  { section: 'environment', key: 'env_deny' },
  { section: 'environment', key: 'loose_cap', value: '64M' },
  { section: 'data', key: 'declare' },
  { section: 'data', key: 'dirs' },
  { section: 'data', key: 'paths' },
];

/** The packaged defaults as values of the configuration. */
export function defaultEntries(): readonly ConfigEntry[] {
  return DEFAULTS.flatMap(({ section, key, value }) =>
    value === undefined ? [] : [{ section, key, value, origin: 'default' }],
  );
}
