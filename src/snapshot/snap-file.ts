import { RestageError } from '../errors.ts';
import { digestOfJson } from '../model/digest.ts';
import { LAYER_KINDS, type Digest, type LayerKind } from '../model/id.ts';
import { canonicalJson } from '../model/json.ts';
import { SNAPSHOT_SCHEMA, Snapshot, type Layers, type SaveRecord } from '../model/snapshot.ts';

/** What a save knows before digests and seal are computed. */
export type UnsealedRecord = Omit<SaveRecord, 'digests' | 'seal'>;

/** Makes a snapshot out of a state and the record of its save: computes the digest and the seal. */
export function sealSnapshot(layers: Layers, record: UnsealedRecord): Snapshot {
  const present = presentLayers(layers);
  const digests: Partial<Record<LayerKind, Digest>> = {};
  for (const kind of LAYER_KINDS) if (present[kind]) digests[kind] = digestOfJson(present[kind]);
  const digest = digestOfLayers(present);
  const open = { schema: SNAPSHOT_SCHEMA, digest, layers: present, record: { ...record, digests } } as const;
  return { ...open, record: { ...open.record, seal: digestOfJson(open) } };
}

/** The same snapshot with some of its record changed, sealed again; `undefined` takes a member away. */
export function reseal(snapshot: Snapshot, change: Partial<UnsealedRecord>): Snapshot {
  return sealSnapshot(snapshot.layers, { ...unsealed(snapshot), ...change });
}

/** The record of a save without what is computed from it. */
export function unsealed({ record }: Snapshot): UnsealedRecord {
  const members = Object.entries(record).filter(([name]) => name !== 'seal' && name !== 'digests');
  return Object.fromEntries(members) as UnsealedRecord;
}

/** The digest of a state: same state, same digest, whoever saved it and when. */
export function digestOfLayers(layers: Layers): Digest {
  return digestOfJson({ schema: SNAPSHOT_SCHEMA, layers });
}

/** The bytes of a snapshot: canonical JSON and a newline. */
export function encodeSnapshot(snapshot: Snapshot): string {
  return `${canonicalJson(snapshot)}\n`;
}

/**
 * Reads the bytes of a snapshot and checks every one of them.
 *
 * @param bytes - canonical JSON and a newline; anything else is damage, since it would hide a flipped bit
 * @param where - what the bytes are, for the message: a path, or a member and its version
 * @throws {RestageError} `snapshot/damaged` naming the part that is damaged; `snapshot/format` for a newer one
 */
export function decodeSnapshot(bytes: Uint8Array, where: string): Snapshot {
  const value = parse(bytes, where);
  const flaw = flawOf(value);
  if (flaw !== undefined) throw damaged(where, flaw);
  const schema = isObject(value) ? value['schema'] : undefined;
  if (schema !== SNAPSHOT_SCHEMA) {
    throw new RestageError('snapshot/format', `${where} has the format ${JSON.stringify(schema)}`, {
      details: { where, schema },
    });
  }
  const read = Snapshot.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  throw new RestageError('snapshot/format', `${where}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`, {
    details: { where },
  });
}

function parse(bytes: Uint8Array, where: string): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw damaged(where, 'it is not UTF-8');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw damaged(where, `it is no JSON (${error instanceof Error ? firstLine(error.message) : ''})`);
  }
  const canonical = `${canonicalJson(value)}\n`;
  if (canonical === text) return value;
  let at = 0;
  while (canonical[at] === text[at]) at++;
  throw damaged(where, `it is not in canonical form at character ${at}`);
}

/** What seal and digests say; `undefined` if all is well. The rule is the same in every format to come. */
function flawOf(value: unknown): string | undefined {
  if (!isObject(value) || !isObject(value['record'])) return 'it has no record';
  const { seal, ...record } = value['record'];
  if (seal === digestOfJson({ ...value, record })) return undefined;
  const { schema, layers, digest } = value;
  if (!isObject(layers)) return 'it has no layers';
  if (digest === digestOfJson({ schema, layers })) return 'its record does not match its seal';
  const digests = isObject(record['digests']) ? record['digests'] : {};
  const kinds = Object.keys(layers).filter((kind) => digests[kind] !== digestOfJson(layers[kind]));
  if (kinds.length > 0) return `layer ${kinds.join(', ')} does not match its digest`;
  return 'its digest does not match its layers';
}

function damaged(where: string, why: string): RestageError {
  return new RestageError('snapshot/damaged', `${where} is damaged: ${why}`, { details: { where, why } });
}

function presentLayers(layers: Layers): Layers {
  return Object.fromEntries(Object.entries(layers).filter(([, body]) => body !== undefined));
}

function firstLine(text: string): string {
  // The parser quotes what it met, which may be binary and may be secret.
  return text.split(/[\n,"]/)[0] ?? '';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
