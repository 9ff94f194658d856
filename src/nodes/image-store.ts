import { RestageError } from '../errors.ts';
import { digestOf } from '../model/digest.ts';
import type { Digest, Version } from '../model/id.ts';
import { ImageRecord, type ImageEntry } from '../model/image.ts';
import { canonicalJson } from '../model/json.ts';
import { compareText } from '../model/order.ts';
import type { Store } from '../store/contract.ts';
import { parseStampLine } from './stamp.ts';

/** What a name, a part of an id or a stamp stands for. */
export interface FoundImage {
  readonly name: string;
  readonly image: Digest;
  readonly size: number;
  readonly record: ImageRecord;
}

/** An image to be kept under a name. */
export interface NewImage {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** The lines of its stamp, oldest first. */
  readonly lineage: readonly string[];
  readonly parent?: Digest;
}

const MEMBER = /^images\/([^/]+)\.json$/;

/** Keeps an image: its content in the chunk plane, its record as `images/NAME.json`, and a pointer that holds both. */
export async function registerImage(image: NewImage, producer: string, store: Store): Promise<FoundImage> {
  checkImageName(image.name);
  const digest = digestOf(image.bytes);
  const record: ImageRecord = {
    ...{ schema: 'restage/image/1', image: digest, form: 'whole', disk: { size: image.bytes.length } },
    ...(image.parent && { parent: image.parent }),
    lineage: [...image.lineage],
  };
  const { size } = await store.putBlob(image.bytes);
  await store.commit({
    puts: [
      { path: `images/${image.name}.json`, bytes: new TextEncoder().encode(`${canonicalJson(record)}\n`) },
      { path: `images/${image.name}.needs/${digest.slice('sha256:'.length)}`, blob: digest, size },
    ],
    subject: `image ${image.name}`,
    producer,
  });
  return { name: image.name, image: digest, size, record };
}

/** Refuses a name that is no name of an image. */
export function checkImageName(name: string): void {
  if (/^[A-Za-z0-9][\w.+-]{0,99}$/.test(name)) return;
  throw new RestageError('image/name', `${JSON.stringify(name)} is no name of an image`, { details: { name } });
}

/** The images that have a name, sorted by name. */
export async function listImages(store: Store): Promise<readonly ImageEntry[]> {
  const entries: ImageEntry[] = [];
  for (const { path } of await store.list('images')) {
    const [, name] = MEMBER.exec(path) ?? [];
    const [latest] = name === undefined ? [] : await store.history(path, 1);
    const record = name === undefined ? undefined : await readRecord(path, undefined, store);
    if (name === undefined || record === undefined) continue;
    const stamp = record.lineage.at(-1);
    const saved = latest?.time ?? 0;
    entries.push({ name, image: record.image, size: record.disk.size, saved, ...(stamp !== undefined && { stamp }) });
  }
  return entries.sort((a, b) => compareText(a.name, b.name));
}

/**
 * Finds an image by its name, or by 4 or more of the first digits of its id.
 *
 * @throws {RestageError} `image/unknown` with the names that there are; `image/ambiguous` with the candidates
 */
export async function resolveImage(text: string, store: Store): Promise<FoundImage> {
  if (/^[A-Za-z0-9][\w.+-]*$/.test(text)) {
    const record = await readRecord(`images/${text}.json`, undefined, store);
    if (record) return found(text, record);
  }
  const images = await listImages(store);
  const digits = text.replace(/^sha256:/, '');
  const matching = /^[0-9a-f]{4,64}$/.test(digits)
    ? images.filter(({ image }) => image.slice('sha256:'.length).startsWith(digits))
    : [];
  const [first] = matching;
  if (first === undefined) {
    const names = images.map(({ name }) => name);
    const hint = names.length === 0 ? 'There are none yet: save one, or start a lab' : `Use ${names.join(', ')}`;
    throw new RestageError('image/unknown', `there is no image ${JSON.stringify(text)}`, { hint, details: { names } });
  }
  if (new Set(matching.map(({ image }) => image)).size > 1) {
    const candidates = matching.map(({ name, image }) => `${name} (${image.slice(7, 19)})`);
    throw new RestageError('image/ambiguous', `${text} may be ${candidates.join(' or ')}`, { details: { candidates } });
  }
  const record = await readRecord(`images/${first.name}.json`, undefined, store);
  if (record) return found(first.name, record);
  throw new RestageError('image/unknown', `there is no image ${first.name} any more`);
}

/**
 * Finds the save of ours that a stamp comes from: the one whose record has the same last line.
 *
 * @param lines - the stamp of a disk
 * @returns `undefined` when no record of ours, of any version, ends with that line
 */
export async function findImageByStamp(lines: readonly string[], store: Store): Promise<FoundImage | undefined> {
  const last = lines.at(-1);
  const name = last === undefined ? undefined : parseStampLine(last)?.image;
  if (last === undefined || name === undefined || !/^[A-Za-z0-9][\w.+-]*$/.test(name)) return undefined;
  const path = `images/${name}.json`;
  const present = await readRecord(path, undefined, store);
  if (present?.lineage.at(-1) === last) return found(name, present);
  for (const { version } of await store.history(path)) {
    const record = await readRecord(path, version, store);
    if (record?.lineage.at(-1) === last) return found(name, record);
  }
  return undefined;
}

function found(name: string, record: ImageRecord): FoundImage {
  return { name, image: record.image, size: record.disk.size, record };
}

async function readRecord(path: string, at: Version | undefined, store: Store): Promise<ImageRecord | undefined> {
  const member = await store.read(path, at);
  if (!member) return undefined;
  const text = (await member.bytes()).toString('utf8');
  return ImageRecord.parse(JSON.parse(text));
}
