import type { QueryOrder, UnitUri } from '../uri.ts';

/** What a URI means: an argument vector as templates, and whether it is a service or ends by itself. */
export interface UriLaunch {
  readonly argv: readonly string[];
  readonly kind: 'service' | 'job';
}

/**
 * One kind of URI that a unit may have.
 *
 * `launch` is pure and repeatable. What is wrong with a URI is `session/uri`, naming the part. Secrets stay references:
 * who launches resolves them.
 */
export interface SchemeDriver {
  /** The word that stands in snapshots. It never changes, whatever happens to the code. */
  readonly id: string;
  /** One line for `restage doctor`. */
  readonly summary: string;
  /** Whether another order of the query items is another unit. */
  readonly queryOrder: QueryOrder;
  accepts(uri: UnitUri): boolean;
  launch(uri: UnitUri): UriLaunch;
}

/** Returns its argument; a driver file needs no annotation. */
export function defineSchemeDriver(driver: SchemeDriver): SchemeDriver {
  return driver;
}
