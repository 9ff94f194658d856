/** A value of the configuration, and where it was found. */
export interface ConfigValue {
  readonly value: string;
  /** Such as `default`, `/etc/restage/restage.conf:12`, `RESTAGE_STORE_DIR`, `--set`. */
  readonly origin: string;
}

/** The configuration as it is in force: packaged defaults, files, environment and flags, later ones winning. */
export interface Configuration {
  /** The value in force; `undefined` where nobody gave one. `key.HOSTNAME` has already won over `key`. */
  get(section: string, key: string): string | undefined;
  /** The keys of one section with their values, sorted. Sections with a name (`[stream qplan]`) are `stream qplan`. */
  section(name: string): ReadonlyMap<string, ConfigValue>;
  /** The names of all sections, sorted. */
  sections(): readonly string[];
}
