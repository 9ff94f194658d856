import { inflateSync } from 'node:zlib';
import { RestageError } from '../../errors.ts';
import type { Files } from '../../platform/files.ts';
import { Lru } from '../lru.ts';
import type { CatFile } from './cat-file.ts';
import { type GitObject, type ObjectId, objectId, type ObjectKind } from './object.ts';
import { type BlockCache, PackFile } from './pack-file.ts';
import { readPackIndex } from './pack-index.ts';

/** Bytes that the caches may hold. */
const CACHE = { objects: 48 << 20, blocks: 64 << 20, bases: 16 << 20 } as const;
/** Packs with at most this many objects are looked up together, in one map. */
const SMALL_PACK = 2000;
/** What an object weighs in the cache besides its body. */
const OVERHEAD = 200;

/**
 * Reads objects of a git repository: from memory, from packs, from loose files, and whatever else there may be (such as
 * alternates) from a long-lived `git cat-file`. Each object that comes from disk is hashed before it is given out.
 *
 * Other processes may add packs and remove them at any time: what is not found is looked for again in a fresh listing.
 */
export class ObjectReader {
  readonly #directory: string;
  readonly #files: Pick<Files, 'list' | 'read' | 'open'>;
  readonly #catFile: CatFile;
  readonly #objects = new Lru<ObjectId, GitObject>(CACHE.objects, ({ body }) => body.length + OVERHEAD);
  readonly #blocks: BlockCache = new Lru(CACHE.blocks, (bytes) => bytes.length);
  readonly #bases = new Lru<string, GitObject>(CACHE.bases, ({ body }) => body.length + OVERHEAD);
  readonly #packs = new Map<string, PackFile>();
  readonly #places = new Map<ObjectId, { readonly pack: PackFile; readonly offset: number }>();
  #scan: Promise<void> | undefined;

  constructor(gitDirectory: string, files: Pick<Files, 'list' | 'read' | 'open'>, catFile: CatFile) {
    this.#directory = `${gitDirectory}/objects`;
    this.#files = files;
    this.#catFile = catFile;
  }

  /** The packs known at present, by file name without suffix. */
  get packs(): ReadonlyMap<string, PackFile> {
    return this.#packs;
  }

  /** Keeps objects that were just written, so that own writes cost no reading. */
  remember(id: ObjectId, object: GitObject): void {
    this.#objects.set(id, object);
  }

  /** An object; `undefined` if there is none. @throws {RestageError} `store/damaged` */
  async read(id: ObjectId): Promise<GitObject | undefined> {
    const known = this.#objects.get(id);
    if (known) return known;
    const found = await this.#find(id);
    if (!found) return undefined;
    if (objectId(found.object.kind, found.object.body) !== id) {
      throw new RestageError('store/damaged', `object ${id} in ${found.file} is not what its name says`, {
        details: { object: id, file: found.file },
      });
    }
    this.#objects.set(id, found.object);
    return found.object;
  }

  /** An object that must be there, of a kind. @throws {RestageError} `store/damaged` */
  async need(id: ObjectId, kind: ObjectKind): Promise<Buffer> {
    const object = this.#objects.get(id) ?? (await this.read(id));
    if (object?.kind === kind) return object.body;
    throw new RestageError('store/damaged', `${kind} ${id} is missing in ${this.#directory}`, {
      details: { object: id, file: this.#directory },
    });
  }

  /** Looks again which packs there are. */
  async rescan(): Promise<void> {
    // A listing that began before this call may miss what the caller has been told of.
    while (this.#scan) await this.#scan;
    this.#scan = this.#list();
    try {
      await this.#scan;
    } finally {
      this.#scan = undefined;
    }
  }

  /** Forgets all caches, so that the next reads come from disk. */
  forget(): void {
    for (const cache of [this.#objects, this.#blocks, this.#bases]) cache.clear();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#packs.values()].map((pack) => pack.close()));
    this.#catFile.close();
  }

  async #find(id: ObjectId): Promise<{ readonly object: GitObject; readonly file: string } | undefined> {
    const packed = await this.#fromPacks(id);
    if (packed) return packed;
    await this.rescan();
    const file = `${this.#directory}/${id.slice(0, 2)}/${id.slice(2)}`;
    const again = (await this.#fromPacks(id)) ?? (await this.#fromLoose(file));
    if (again) return again;
    const object = await this.#catFile.read(id);
    return object && { object, file: this.#directory };
  }

  async #fromPacks(id: ObjectId): Promise<{ readonly object: GitObject; readonly file: string } | undefined> {
    for (let attempt = 0; attempt < 3; attempt++) {
      const place = this.#placeOf(id);
      if (!place) return undefined;
      try {
        return { object: await place.pack.read(place.offset, (base) => this.read(base)), file: place.pack.path };
      } catch (error) {
        // git has repacked: the object is in a pack that we do not know yet.
        if (!(error instanceof RestageError && error.code === 'file/missing')) throw error;
        await this.rescan();
      }
    }
    return undefined;
  }

  #placeOf(id: ObjectId): { readonly pack: PackFile; readonly offset: number } | undefined {
    const place = this.#places.get(id);
    if (place) return place;
    for (const pack of this.#packs.values()) {
      if (pack.index.count <= SMALL_PACK) continue;
      const offset = pack.index.offsetOf(id);
      if (offset !== undefined) return { pack, offset };
    }
    return undefined;
  }

  async #fromLoose(file: string): Promise<{ readonly object: GitObject; readonly file: string } | undefined> {
    try {
      const object = parseLoose(inflateSync(await this.#files.read(file)));
      if (object) return { object, file };
      throw new RestageError('store/damaged', `${file} is no object`, { details: { file } });
    } catch (error) {
      if (error instanceof RestageError && error.code === 'file/missing') return undefined;
      if (error instanceof RestageError) throw error;
      throw new RestageError('store/damaged', `${file} cannot be inflated`, { details: { file }, cause: error });
    }
  }

  async #list(): Promise<void> {
    const entries = await this.#files.list(`${this.#directory}/pack`);
    const names = new Set(entries.map(({ name }) => name));
    for (const [name, pack] of this.#packs) if (!names.has(`${name}.pack`)) await this.#drop(name, pack);
    const fresh = [...names].filter((file) => file.endsWith('.idx')).map((file) => file.slice(0, -4));
    await Promise.all(fresh.filter((name) => !this.#packs.has(name)).map((name) => this.#add(name)));
  }

  async #add(name: string): Promise<void> {
    const path = `${this.#directory}/pack/${name}`;
    try {
      const index = readPackIndex(await this.#files.read(`${path}.idx`), `${path}.idx`);
      const caches = { files: this.#files, blocks: this.#blocks, bases: this.#bases };
      const pack = new PackFile(`${path}.pack`, index, caches);
      this.#packs.set(name, pack);
      if (index.count > SMALL_PACK) return;
      for (const { id, offset } of index.entries()) this.#places.set(id, { pack, offset });
    } catch (error) {
      if (!(error instanceof RestageError && error.code === 'file/missing')) throw error;
    }
  }

  async #drop(name: string, pack: PackFile): Promise<void> {
    this.#packs.delete(name);
    if (pack.index.count <= SMALL_PACK) {
      for (const { id } of pack.index.entries()) if (this.#places.get(id)?.pack === pack) this.#places.delete(id);
    }
    await pack.close();
    // git's process holds deleted packs open, and with them their space.
    this.#catFile.close();
  }
}

/** Reads an inflated loose object. */
export function parseLoose(bytes: Buffer): GitObject | undefined {
  const zero = bytes.indexOf(0);
  const [, kind, size] = /^(commit|tree|blob|tag) (\d+)$/.exec(bytes.toString('latin1', 0, Math.max(zero, 0))) ?? [];
  const body = bytes.subarray(zero + 1);
  return kind === undefined || Number(size) !== body.length ? undefined : { kind: kind as ObjectKind, body };
}
