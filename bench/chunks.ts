/**
 * Saving, saving again after scattered edits, and restoring one big file: the chunk plane beside restic, borg and git.
 *
 * `node bench/chunks.ts [--quick]`: 1 GiB in about five minutes, or 128 MiB in one. Every call is a process of its own
 * with a cold start and a store of its own; the rounds are interleaved, and medians are shown. git, which takes a minute
 * for a GiB, has one round. Half of the content is noise and half is text. 1 % of it is edited: pieces of 128 KiB at places
 * that are spread over the whole file, every other one inserted, so that all behind it moves.
 */
import { spawnSync } from 'node:child_process';
import { createCipheriv, createHash } from 'node:crypto';
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chunkerOf } from '../src/store/chunk/chunkers.ts';

const MIB = 1024 * 1024;
const EDIT_BYTES = 128 * 1024;
const isQuick = process.argv.includes('--quick');
const [SIZE_MIB, ROUNDS] = isQuick ? [128, 3] : [1024, 3];

/** One program that keeps versions of a file. */
interface Rival {
  readonly name: string;
  readonly rounds: number;
  prepare(store: string): void;
  save(store: string, file: string): void;
  restore?(store: string, target: string): void;
}

const place = mkdtempSync(join(tmpdir(), 'restage-bench-'));
const env = { ...process.env, RESTIC_PASSWORD: 'bench', BORG_BASE_DIR: place, HOME: place, LC_ALL: 'C.UTF-8' };
let [digest, memory] = ['', 0];

const ours: Rival = {
  name: 'restage',
  rounds: ROUNDS,
  prepare: () => undefined,
  save: (store, file) => {
    const [saved = '', peak] = chunkPlane('put', store, file);
    [digest, memory] = [saved, Math.max(memory, Number(peak))];
  },
  restore: (store, target) => {
    memory = Math.max(memory, Number(chunkPlane('get', store, digest, join(target, 'file'))[0]));
  },
};
const restic: Rival = {
  name: 'restic',
  rounds: ROUNDS,
  prepare: (store) => {
    run('restic', ['init', '--quiet', '--no-cache', '-r', store]);
  },
  save: (store, file) => {
    run('restic', ['backup', '--quiet', '--no-cache', '-r', store, file]);
  },
  restore: (store, target) => {
    run('restic', ['restore', 'latest', '--quiet', '--no-cache', '-r', store, '--target', target]);
  },
};
let archives = 0;
const borg: Rival = {
  name: 'borg',
  rounds: ROUNDS,
  prepare: (store) => {
    run('borg', ['init', '--encryption', 'none', store]);
  },
  save: (store, file) => {
    run('borg', ['create', '--files-cache=disabled', `${store}::a${archives++}`, file]);
  },
  restore: (store, target) => {
    run('borg', ['extract', `${store}::a${archives - 1}`], target);
  },
};
const git: Rival = {
  name: 'git',
  rounds: 1,
  prepare: (store) => {
    run('git', ['init', '--quiet', store]);
  },
  save: (store, file) => {
    run('cp', ['--reflink=auto', file, join(store, 'file')]);
    run('git', ['-C', store, 'add', 'file']);
    run('git', ['-C', store, '-c', 'user.name=b', '-c', 'user.email=b@b', 'commit', '--quiet', '-m', 'save']);
  },
};

try {
  const [file, edited] = [join(place, 'content'), join(place, 'edited')];
  await bundle();
  makeContent(file);
  const size = makeEdited(file, edited);
  console.log(`${SIZE_MIB} MiB, ${ROUNDS} rounds; 1 % edited makes ${(size / MIB).toFixed(1)} MiB`);
  console.log(`cutting alone, one thread: ${cuttingRate(file).toFixed(0)} MiB/s`);
  const rivals = [ours, restic, borg, git].filter(({ name }) => name === 'restage' || isThere(name));
  report(measureAll(rivals, file, edited));
  console.log(`peak memory of restage: ${(memory / 1024).toFixed(0)} MiB, Node and its threads included`);
} finally {
  rmSync(place, { recursive: true, force: true });
}

/** By round: times in ms, growth in bytes. */
interface Figures {
  readonly save: number[];
  readonly again: number[];
  readonly growth: number[];
  readonly restore: number[];
}

function measureAll(rivals: readonly Rival[], file: string, edited: string): Map<Rival, Figures> {
  const found = new Map<Rival, Figures>();
  for (const rival of rivals) found.set(rival, { save: [], again: [], growth: [], restore: [] });
  for (let round = 0; round < ROUNDS; round++) {
    for (const [rival, figures] of found) if (round < rival.rounds) measure(rival, figures, file, edited);
  }
  return found;
}

function measure(rival: Rival, figures: Figures, file: string, edited: string): void {
  const store = join(place, `store-${rival.name}`);
  const target = join(place, 'restored');
  rival.prepare(store);
  figures.save.push(
    timed(() => {
      rival.save(store, file);
    }),
  );
  const before = sizeOf(store);
  figures.again.push(
    timed(() => {
      rival.save(store, edited);
    }),
  );
  // The work tree of git is not its store.
  const isGit = rival.name === 'git';
  figures.growth.push(sizeOf(store) - before - (isGit ? statSync(edited).size - statSync(file).size : 0));
  if (rival.restore) {
    run('mkdir', [target]);
    figures.restore.push(
      timed(() => {
        rival.restore?.(store, target);
      }),
    );
    if (hashOf(firstFile(target)) !== hashOf(edited)) throw new Error(`${rival.name} has restored something else`);
    rmSync(target, { recursive: true, force: true });
  }
  rmSync(store, { recursive: true, force: true });
}

function report(found: ReadonlyMap<Rival, Figures>): void {
  const own = found.get(ours);
  for (const [rival, figures] of found) {
    const rate = (times: readonly number[]) => `${((SIZE_MIB * 1000) / median(times)).toFixed(0).padStart(5)} MiB/s`;
    const ratio = (key: 'save' | 'restore') => (median(figures[key]) / median(own?.[key] ?? [])).toFixed(2);
    const restored = figures.restore.length > 0 ? `restore ${rate(figures.restore)} (${ratio('restore')}x)` : '';
    const growth = `grows by ${(median(figures.growth) / MIB).toFixed(1)} MiB`;
    console.log(
      `${rival.name.padEnd(8)} save ${rate(figures.save)} (ours is ${ratio('save')}x)  ${growth}  ${restored}`,
    );
  }
}

/** Our part is run as users have it: bundled. */
async function bundle(): Promise<void> {
  const source = (path: string) => join(import.meta.dirname, path);
  writeFileSync(join(place, 'package.json'), '{"type":"module"}');
  await build({
    entryPoints: {
      'main': source('programs/chunk-plane.ts'),
      'platform/slice-worker': source('../src/platform/slice-worker.ts'),
    },
    ...{ outdir: join(place, 'bundle'), bundle: true, splitting: true, format: 'esm', platform: 'node' },
    chunkNames: 'chunks/[name]-[hash]',
  });
}

function chunkPlane(...args: readonly string[]): string[] {
  const program = join(place, 'bundle/main.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], { env, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.trim().split(' ');
}

function run(file: string, args: readonly string[], cwd = place): void {
  const { status, stderr } = spawnSync(file, args, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'], encoding: 'utf8' });
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${stderr}`);
}

function isThere(file: string): boolean {
  const isFound = spawnSync(file, [file === 'restic' ? 'version' : '--version']).status === 0;
  if (!isFound) console.log(`${file} is not installed: left out`);
  return isFound;
}

function timed(action: () => void): number {
  // What others have written must not be paid for by the next one.
  spawnSync('sync');
  const before = performance.now();
  action();
  return performance.now() - before;
}

function makeContent(path: string): void {
  const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16, 'k'), Buffer.alloc(16));
  const words = noise.update(Buffer.alloc(MIB)).toString('base64');
  const file = openSync(path, 'w');
  for (let mib = 0; mib < SIZE_MIB; mib += 2) {
    writeSync(file, noise.update(Buffer.alloc(MIB)));
    const picks = noise.update(Buffer.alloc(4 * 15_000));
    let lines = '';
    for (let pick = 0; lines.length < MIB; pick++) {
      const at = picks.readUInt32LE((pick * 4) % picks.length) % (words.length - 40);
      lines += `${words.slice(at, at + 40)} ${pick} status=ok level=info\n`;
    }
    writeSync(file, lines.slice(0, MIB));
  }
  closeSync(file);
}

function makeEdited(path: string, edited: string): number {
  const content = readFileSync(path);
  const edits = Math.round((content.length * 0.01) / EDIT_BYTES);
  const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16, 'e'), Buffer.alloc(16));
  const file = openSync(edited, 'w');
  let from = 0;
  for (let edit = 0; edit < edits; edit++) {
    const at = Math.floor(((edit + 0.37) * content.length) / edits);
    writeSync(file, content.subarray(from, at));
    writeSync(file, noise.update(Buffer.alloc(EDIT_BYTES)));
    from = edit % 2 === 0 ? at + EDIT_BYTES : at;
  }
  writeSync(file, content.subarray(from));
  closeSync(file);
  return statSync(edited).size;
}

function cuttingRate(path: string): number {
  const content = readFileSync(path).subarray(0, 64 * MIB);
  const chunker = chunkerOf('cdc-64k');
  const rates = Array.from({ length: 5 }, () => {
    const before = performance.now();
    for (let at = 0; at < content.length;) at = chunker.cut(content, at, content.length);
    return (content.length / MIB / (performance.now() - before)) * 1000;
  });
  return median(rates);
}

function firstFile(directory: string): string {
  const found = readdirSync(directory, { recursive: true, withFileTypes: true }).find((entry) => entry.isFile());
  if (!found) throw new Error('nothing was restored');
  return join(found.parentPath, found.name);
}

function hashOf(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

function sizeOf(directory: string): number {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}
