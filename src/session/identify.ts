import { RestageError } from '../errors.ts';
import type { SchemeDriver } from './schemes/contract.ts';
import { schemes } from './schemes/list.ts';
import { hideInArguments } from './secrets.ts';
import { canonicalUri, decodeTemplate, encodeTemplate, formatUnitUri, parseUnitUri, type UnitUri } from './uri.ts';

/** The driver that launches a URI. @throws {RestageError} `session/scheme` */
export function schemeOf(uri: UnitUri): SchemeDriver {
  const driver = driverOf(uri);
  if (driver) return driver;
  throw new RestageError('session/scheme', `nothing here launches ${uri.scheme}: URIs`, {
    details: { scheme: uri.scheme, known: schemes.map(({ id }) => id) },
  });
}

/** The canonical URI of a text: what the name is made from. @throws {RestageError} `session/uri` */
export function canonicalOf(text: string, ownNames: readonly string[]): string {
  return canonicalOfUri(parseUnitUri(text, ownNames));
}

/** The canonical form of a URI, whatever its secrets are called, and also where they are written out. */
export function canonicalOfUri(uri: UnitUri): string {
  const hidden = parseUnitUri(hideInUri(uri, 'any').templates, []);
  // A scheme that nobody launches still has a name: where the order is not known to mean something, it does not.
  return canonicalUri(hidden, driverOf(uri)?.queryOrder ?? 'free');
}

/** A URI with references in the place of the secrets in its query, and the secrets by name. */
export function hideInUri(
  uri: UnitUri,
  owner: string,
): { readonly templates: string; readonly secrets: ReadonlyMap<string, string> } {
  const items = uri.query.map(decodeTemplate);
  const { templates, secrets } = hideInArguments(['', ...items], owner);
  return { templates: formatUnitUri({ ...uri, query: templates.slice(1).map(encodeTemplate) }), secrets };
}

function driverOf(uri: UnitUri): SchemeDriver | undefined {
  return schemes.find((candidate) => candidate.accepts(uri));
}
