import { NAME_BYTES, type SliceWork } from '../../model/slices.ts';
import type { StoreContext } from '../engines/contract.ts';
import type { VerifyReport } from '../contract.ts';
import { isRecordWhole, PACK_MAGIC, readRecordHeader, RECORD_HEADER } from './pack-format.ts';
import { type PackEntry, PackIndex } from './pack-index.ts';
import { isMissing, type Packs, type SealedPack } from './packs.ts';
import { recipeAt } from './read-blob.ts';

/** What a verification stands on. */
export interface VerifyContext {
  readonly store: StoreContext;
  readonly packs: Packs;
  readonly work: SliceWork;
}

type Damage = VerifyReport['damaged'][number];

/** Records that are read and hashed at once. */
const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * Reads all packs, indexes and recipes again, and hashes all that has a digest.
 *
 * `quick` looks at the indexes, the sizes of the packs and the recipes' chunks only. A pack that another process is
 * writing is not there yet; one that is collected meanwhile is no damage.
 */
export async function verifyChunks(isQuick: boolean, context: VerifyContext): Promise<VerifyReport> {
  const { packs, store } = context;
  await packs.refresh();
  const damaged: Damage[] = packs.repairs.map(({ file, why }) => ({ what: 'the index', file, why }));
  const total = { objects: 0, chunks: 0, bytes: 0 };
  damaged.push(...(await missingPacks(context)));
  for (const pack of packs.all()) {
    store.signal.throwIfAborted();
    try {
      damaged.push(...(await indexDamage(pack, context)));
      damaged.push(...(await (isQuick ? sizeDamage(pack, context) : packDamage(pack, context))));
      damaged.push(...(await recipeDamage(pack, context)));
    } catch (error) {
      if (!isMissing(error) || (await store.files.exists(packs.paths(pack.id).index))) throw error;
      continue;
    }
    total.objects += pack.index.blobs.length;
    total.chunks += pack.index.count - pack.index.blobs.length;
    total.bytes += pack.index.packSize;
  }
  return { ...total, damaged };
}

async function missingPacks({ packs, store }: VerifyContext): Promise<Damage[]> {
  const names = new Set((await store.files.list(packs.directory)).map(({ name }) => name));
  return [...names]
    .filter((name) => name.endsWith('.idx') && !names.has(name.replace(/idx$/, 'pack')))
    .map((name) => packs.paths(name.slice(0, -'.idx'.length)).pack)
    .map((file) => ({ what: 'the pack', file, why: 'is not there, but its index is' }));
}

async function indexDamage(pack: SealedPack, { packs, store }: VerifyContext): Promise<Damage[]> {
  const file = packs.paths(pack.id).index;
  if (PackIndex.parse(await store.files.read(file))) return [];
  return [{ what: 'the index', file, why: 'is not what was written; remove it, and it is made again from its pack' }];
}

async function sizeDamage(pack: SealedPack, { store }: VerifyContext): Promise<Damage[]> {
  const size = (await store.files.stat(pack.path))?.size ?? 0;
  if (size === pack.index.packSize) return [];
  return [{ what: 'the pack', file: pack.path, why: `has ${size} bytes instead of ${pack.index.packSize}` }];
}

/** Reads a pack in the order of its records, as its index knows them: a damaged header does not hide what is behind it. */
async function packDamage(pack: SealedPack, context: VerifyContext): Promise<Damage[]> {
  const damaged = [...(await sizeDamage(pack, context))];
  const magic = await context.packs.read(pack, 0, PACK_MAGIC.length);
  if (!magic.equals(PACK_MAGIC)) damaged.push({ what: 'the head of the pack', file: pack.path, why: 'is damaged' });
  const entries = [...pack.index.entries()].sort((a, b) => a.offset - b.offset);
  const recipes = new Set(pack.index.blobs.map(({ recipe }) => recipe.toString('latin1')));
  let end = PACK_MAGIC.length;
  for (let from = 0; from < entries.length;) {
    context.store.signal.throwIfAborted();
    const batch = batchAt(entries, from);
    from += batch.length;
    for (const entry of batch) {
      if (entry.offset !== end) damaged.push(gap(pack, end));
      end = entry.offset + RECORD_HEADER + entry.stored;
    }
    for (const [entry, why] of await recordDamage(pack, batch, recipes, context)) {
      const kind = recipes.has(entry.name.toString('latin1')) ? 'recipe' : 'chunk';
      damaged.push({ what: `the ${kind} sha256:${entry.name.toString('hex')}`, file: pack.path, why });
    }
  }
  if (end !== pack.index.packSize) damaged.push(gap(pack, end));
  return damaged;
}

function gap(pack: SealedPack, at: number): Damage {
  return { what: `byte ${at} of the pack`, file: pack.path, why: 'belongs to no record' };
}

function batchAt(entries: readonly PackEntry[], from: number): readonly PackEntry[] {
  let [size, to] = [0, from];
  while (to < entries.length && (to === from || size + (entries[to]?.raw ?? 0) <= BATCH_BYTES)) {
    size += entries[to++]?.raw ?? 0;
  }
  return entries.slice(from, to);
}

async function recordDamage(
  pack: SealedPack,
  batch: readonly PackEntry[],
  recipes: ReadonlySet<string>,
  { packs, work }: VerifyContext,
): Promise<[PackEntry, string][]> {
  const [first, last] = [batch[0], batch.at(-1)];
  if (!first || !last) return [];
  const length = last.offset + RECORD_HEADER + last.stored - first.offset;
  const bytes = Buffer.from(new SharedArrayBuffer(length));
  const read = await packs.read(pack, first.offset, length);
  bytes.set(read);
  const damaged: [PackEntry, string][] = [];
  const sound: PackEntry[] = [];
  const slices: number[] = [];
  for (const entry of batch) {
    const at = entry.offset - first.offset;
    const header = readRecordHeader(bytes, at);
    const isExpected =
      header?.stored === entry.stored &&
      header.raw === entry.raw &&
      header.name.equals(entry.name) &&
      header.isRecipe === recipes.has(entry.name.toString('latin1'));
    if (isExpected && at + RECORD_HEADER + entry.stored <= read.length && isRecordWhole(bytes, at, header)) {
      sound.push(entry);
      slices.push(at + RECORD_HEADER, entry.stored, entry.raw, header.coding);
    } else {
      damaged.push([
        entry,
        isExpected ? 'has another checksum than was written' : 'has another header than was written',
      ]);
    }
  }
  const { names } = await work.unpack(bytes, Uint32Array.from(slices));
  for (const [index, entry] of sound.entries()) {
    const isNamed = entry.name.compare(names, index * NAME_BYTES, (index + 1) * NAME_BYTES) === 0;
    if (!isNamed) damaged.push([entry, 'has other bytes than its name says']);
  }
  return damaged;
}

async function recipeDamage(pack: SealedPack, { packs }: VerifyContext): Promise<Damage[]> {
  const damaged: Damage[] = [];
  for (const { digest, recipe: name } of pack.index.blobs) {
    const what = `the blob sha256:${digest.toString('hex')}`;
    const place = packs.find(name, 0, (other) => other === pack);
    if (!place) continue;
    const recipe = await recipeAt(place, packs).catch((error: unknown) => {
      if (isMissing(error)) throw error;
      return undefined;
    });
    if (!recipe || !what.endsWith(recipe.digest)) {
      damaged.push({ what, file: pack.path, why: 'has a recipe that cannot be read' });
      continue;
    }
    for (const piece of recipe.pieces) {
      const chunk = piece.name === undefined ? undefined : packs.find(Buffer.from(piece.name, 'hex'));
      if (piece.name === undefined || chunk?.raw === piece.size) continue;
      damaged.push({ what, file: pack.path, why: `needs the chunk sha256:${piece.name}, which is not there` });
    }
  }
  return damaged;
}
