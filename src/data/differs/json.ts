import { isUtf8 } from 'node:buffer';
import { canonicalJson, type Json } from '../../model/json.ts';
import { compareText } from '../../model/order.ts';
import { defineDiffer } from './contract.ts';

/** JSON documents, member by member. */
export const json = defineDiffer({
  id: 'json',
  summary: 'JSON documents, member by member',
  limit: 4 * 1024 * 1024,
  fits: ({ from, to, type }) =>
    (type === undefined || type.includes('json')) && isDocument(parse(from.bytes)) && isDocument(parse(to.bytes)),
  diff: ({ from, to }) => {
    const lines = compare(parse(from.bytes) ?? null, parse(to.bytes) ?? null, '');
    const count = (sign: string) => lines.filter((line) => line.startsWith(sign)).length;
    // Other white space or another order of members: equal as documents, and still not the same bytes.
    const shown = lines.length > 0 ? lines : ['=the documents are equal; only their layout differs'];
    return { differ: 'json', lines: shown, added: count('+'), removed: count('-') };
  },
});

function parse(bytes: Uint8Array): Json | undefined {
  if (!isUtf8(bytes)) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes)) as Json;
  } catch {
    return undefined;
  }
}

function isDocument(value: Json | undefined): boolean {
  return typeof value === 'object' && value !== null;
}

/** Lines with the place as a JSON pointer (RFC 6901): `-/rate 5`, `+/rate 7`. */
function compare(from: Json, to: Json, place: string): string[] {
  if (canonicalJson(from) === canonicalJson(to)) return [];
  const [before, after] = [membersOf(from), membersOf(to)];
  if (!before || !after || Array.isArray(from) !== Array.isArray(to)) {
    return [`-${place || '/'} ${canonicalJson(from)}`, `+${place || '/'} ${canonicalJson(to)}`];
  }
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  if (!Array.isArray(from)) keys.sort(compareText);
  return keys.flatMap((key) => {
    const below = `${place}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    const [old, young] = [before.get(key), after.get(key)];
    if (old === undefined) return [`+${below} ${canonicalJson(young ?? null)}`];
    if (young === undefined) return [`-${below} ${canonicalJson(old)}`];
    return compare(old, young, below);
  });
}

function membersOf(value: Json): ReadonlyMap<string, Json> | undefined {
  return typeof value === 'object' && value !== null ? new Map(Object.entries(value)) : undefined;
}
