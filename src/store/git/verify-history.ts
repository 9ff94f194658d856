import { createHash } from 'node:crypto';
import { crc32, inflateSync } from 'node:zlib';
import { RestageError } from '../../errors.ts';
import type { VerifyReport } from '../contract.ts';
import type { StoreContext } from '../engines/contract.ts';
import { objectId } from './object.ts';
import { parseLoose } from './object-reader.ts';
import type { HistoryPlane } from './open-history.ts';
import type { PackFile } from './pack-file.ts';

type Damage = VerifyReport['damaged'][number];
type HistoryReport = Pick<VerifyReport, 'objects' | 'bytes' | 'damaged'>;

/**
 * Re-reads the history and says what is not as it was written: every object hashed by us, with its pack and place, then
 * `git fsck` for what holds them together. `quick` looks at the head and at the indexes of packs only.
 */
export async function verifyHistory(
  plane: HistoryPlane,
  context: Pick<StoreContext, 'exec' | 'files'>,
  quick: boolean,
): Promise<HistoryReport> {
  const damaged: Damage[] = [];
  let [count, bytes] = [0, 0];
  plane.objects.forget();
  plane.trees.forget();
  await found(damaged, plane.gitDirectory, async () => {
    const head = await plane.history.refresh();
    if (head) await plane.trees.load((await plane.history.commit(head.version)).tree);
    await plane.objects.rescan();
  });
  for (const pack of plane.objects.packs.values()) {
    await found(damaged, pack.path, async () => {
      bytes += await pack.size();
      count += pack.index.count;
      damaged.push(...(quick ? indexDamage(pack) : await packDamage(pack, plane)));
    });
  }
  if (quick) return { objects: count, bytes, damaged };
  const loose = await verifyLoose(`${plane.gitDirectory}/objects`, context, damaged);
  damaged.push(...(await fsck(plane.gitDirectory, context, damaged.length > 0)));
  return { objects: count + loose.objects, bytes: bytes + loose.bytes, damaged };
}

function indexDamage({ index, path }: PackFile): Damage[] {
  const file = path.replace(/pack$/, 'idx');
  return index.isWhole()
    ? []
    : [{ what: 'index of a pack', file, why: 'does not have the checksum that it ends with' }];
}

async function packDamage(pack: PackFile, plane: HistoryPlane): Promise<Damage[]> {
  const damaged = indexDamage(pack);
  const size = await pack.size();
  const sha = createHash('sha1');
  const places = [...pack.index.entries()].sort((a, b) => a.offset - b.offset);
  sha.update(await pack.bytes(0, places[0]?.offset ?? size));
  for (const [at, { id, offset, crc }] of places.entries()) {
    const raw = await pack.bytes(offset, (places[at + 1]?.offset ?? size) - offset);
    sha.update(raw);
    const why =
      crc32(raw) === crc ? await flawOf(pack, id, offset, plane) : 'does not have the crc32 that its index says';
    if (why !== undefined) damaged.push({ what: `object ${id}`, file: pack.path, why: `at ${offset}: ${why}` });
  }
  const end = (await pack.bytes(size, 20)).toString('hex');
  if (sha.digest('hex') !== end || end !== pack.index.packChecksum) {
    damaged.push({ what: 'pack', file: pack.path, why: 'does not have the checksum that it ends with' });
  }
  return damaged;
}

async function flawOf(pack: PackFile, id: string, offset: number, plane: HistoryPlane): Promise<string | undefined> {
  try {
    const { kind, body } = await pack.read(offset, (base) => plane.objects.read(base));
    return objectId(kind, body) === id ? undefined : 'is not what its name says';
  } catch (error) {
    if (error instanceof RestageError && error.code === 'store/damaged') return error.message;
    throw error;
  }
}

async function verifyLoose(directory: string, { files }: Pick<StoreContext, 'files'>, damaged: Damage[]) {
  let [objects, bytes] = [0, 0];
  for (const { name: folder } of await files.list(directory)) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    for (const { name } of await files.list(`${directory}/${folder}`)) {
      if (!/^[0-9a-f]{38}$/.test(name)) continue;
      const file = `${directory}/${folder}/${name}`;
      objects++;
      const raw = await files.read(file);
      bytes += raw.length;
      if (looseId(raw) !== folder + name)
        damaged.push({ what: `object ${folder}${name}`, file, why: 'is not what its name says' });
    }
  }
  return { objects, bytes };
}

function looseId(raw: Buffer): string | undefined {
  try {
    const object = parseLoose(inflateSync(raw));
    return object && objectId(object.kind, object.body);
  } catch {
    return undefined;
  }
}

/** What git has to say. When we have found the damage itself, its lines would only repeat it. */
async function fsck(gitDirectory: string, { exec }: Pick<StoreContext, 'exec'>, isKnown: boolean): Promise<Damage[]> {
  const args = ['-c', 'safe.directory=*', `--git-dir=${gitDirectory}`, 'fsck', '--full', '--strict', '--no-dangling'];
  const { status, stdout, stderr } = await exec('git', [...args, '--no-progress']);
  if (status === 0) return [];
  const lines = parseFsck(`${stdout}\n${stderr}`);
  if (lines.length === 0 && !isKnown)
    return [{ what: 'history', file: gitDirectory, why: `git fsck ended with ${status}` }];
  // git says the same of an index each time that it looks at it.
  return [...new Set(lines)].map((why) => ({ what: 'history', file: gitDirectory, why }));
}

/** The lines of `git fsck` that say that something is wrong. */
export function parseFsck(output: string): string[] {
  return output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => /^(error|fatal|missing|broken|warning in|error in|bad|corrupt)\b/.test(line));
}

async function found(damaged: Damage[], file: string, look: () => Promise<void>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (!(error instanceof RestageError && error.code === 'store/damaged')) throw error;
    const named = error.details['file'];
    damaged.push({ what: 'history', file: typeof named === 'string' ? named : file, why: error.message });
  }
}
