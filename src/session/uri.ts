import { RestageError } from '../errors.ts';
import { compareText } from '../model/order.ts';
import { escapeTemplate, parseTemplate, REFERENCE } from './template.ts';

/** A URI in its parts. `path` and the query items are still escaped, and may hold references to secrets. */
export interface UnitUri {
  /** Lower case. */
  readonly scheme: string;
  /** Lower case, with its port; `localhost` for this machine. */
  readonly host: string;
  /** Begins with a slash, without dot segments. */
  readonly path: string;
  /** As written, in written order; an item need not have a `=`. */
  readonly query: readonly string[];
  /** What stands behind `#`: tells twins apart, and means nothing else. */
  readonly twin: string | undefined;
}

/** Whether the order of query items means something. */
export type QueryOrder = 'significant' | 'free';

const PARTS = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(\/[^?#]*)?(?:\?([^#]*))?(?:#(.*))?$/i;
const LOOPBACK = /^(|localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/;

/**
 * Takes a URI apart and brings each part into its one form: scheme and host in lower case, this machine as
 * `localhost`, no dot segments, no needless escapes, needed escapes in upper case.
 *
 * @param ownNames - names of this machine
 * @throws {RestageError} `session/uri` naming the part that is wrong
 */
export function parseUnitUri(text: string, ownNames: readonly string[]): UnitUri {
  const [found, scheme = '', authority = '', path = '/', query, twin] = PARTS.exec(text) ?? [];
  if (found === undefined) throw flawed(text, 'it is not SCHEME://HOST/PATH?QUERY');
  if (hasControl(text)) throw flawed(text, 'it has a control character');
  if (authority.includes('@')) throw flawed(text, 'it has credentials before the host', 'Give them in the query');
  if (twin !== undefined && !/^[1-9]\d*$/.test(twin)) throw flawed(text, 'what stands behind # is no number');
  const items = query === undefined || query === '' ? [] : query.split('&');
  return {
    scheme: scheme.toLowerCase(),
    host: hostOf(authority.toLowerCase(), ownNames),
    path: removeDots(normalizeEscapes(path, text)),
    query: items.map((item) => normalizeEscapes(item, text)),
    twin,
  };
}

/** Writes a URI; the inverse of `parseUnitUri` for what that has brought into form. */
export function formatUnitUri({ scheme, host, path, query, twin }: UnitUri): string {
  const tail = query.length === 0 ? '' : `?${query.join('&')}`;
  return `${scheme}://${host}${path}${tail}${twin === undefined ? '' : `#${twin}`}`;
}

/**
 * The text from which the name of a unit is made: the parts in their one form, every secret as `${secret}`, query items
 * sorted where their order means nothing. Another secret, or another name for it, is still the same unit.
 */
export function canonicalUri(uri: UnitUri, queryOrder: QueryOrder): string {
  const hide = (part: string) =>
    part.replace(REFERENCE, (whole, kind: string) => (kind === 'secret' ? '${secret}' : whole));
  const query = uri.query.map(hide);
  return formatUnitUri({
    ...uri,
    path: hide(uri.path),
    query: queryOrder === 'free' ? query.sort(compareText) : query,
  });
}

/** A part of a URI as a template: escapes resolved, references kept, what only looks like one escaped. */
export function decodeTemplate(part: string): string {
  let template = '';
  let from = 0;
  for (const match of part.matchAll(REFERENCE)) {
    template += escapeTemplate(decodeText(part.slice(from, match.index))) + match[0];
    from = match.index + match[0].length;
  }
  return template + escapeTemplate(decodeText(part.slice(from)));
}

/** A template as a part of a URI: the inverse. */
export function encodeTemplate(template: string): string {
  return parseTemplate(template)
    .map((part) => (part.kind === 'text' ? encodePart(part.text) : `\${${part.kind}:${part.name}}`))
    .join('');
}

/** Escapes a text so that it can stand in a path or as one query item, and never looks like a reference. */
export function encodePart(text: string): string {
  // A person reads these: what may stand as it is does.
  return encodeURIComponent(text).replace(/%(2F|3A|3D|40|2C|3B|2B|5B|5D)/g, (escape) => decodeURIComponent(escape));
}

function decodeText(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new RestageError('session/uri', `${text} has escapes that are not UTF-8`, { cause: error });
  }
}

function hostOf(authority: string, ownNames: readonly string[]): string {
  const [, host = authority, port = ''] = /^(\[[^\]]*\]|[^:]*)(:\d+)?$/.exec(authority) ?? [];
  const isOwn = LOOPBACK.test(host) || ownNames.some((name) => name.toLowerCase() === host);
  return `${isOwn ? 'localhost' : host}${port}`;
}

function removeDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  const last = segments.at(-1);
  if (last === '.' || last === '..') kept.push('');
  return `/${kept.join('/')}`;
}

/** Leaves references alone, resolves escapes of what needs none, and escapes what may not stand as it is. */
function normalizeEscapes(part: string, whole: string): string {
  let result = '';
  let from = 0;
  for (const match of part.matchAll(REFERENCE)) {
    result += normalizeText(part.slice(from, match.index), whole) + match[0];
    from = match.index + match[0].length;
  }
  return result + normalizeText(part.slice(from), whole);
}

function normalizeText(text: string, whole: string): string {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw flawed(whole, 'a % has no two hex digits behind it');
  return text
    .replace(/(?:%[0-9A-Fa-f]{2})+/g, (escapes) => {
      const upper = escapes.toUpperCase();
      // Only letters, digits and -._~ mean the same with and without their escape.
      return upper.replace(/%(2D|2E|5F|7E|3[0-9]|4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A])/g, (escape) =>
        String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
      );
    })
    .replace(/[^\x21-\x7e]+|["<>\\^`|]/g, (raw) => encodeURIComponent(raw));
}

function hasControl(text: string): boolean {
  return Array.from(text).some((character) => character < ' ' || character === '\x7f');
}

function flawed(text: string, why: string, hint?: string): RestageError {
  // The text may hold a password: only its beginning is shown.
  const shown = text.split('?', 1).join().includes('@')
    ? text.slice(0, text.indexOf('://'))
    : text.split('?', 1).join();
  return new RestageError('session/uri', `${shown} is no URI of a unit: ${why}`, hint === undefined ? {} : { hint });
}
