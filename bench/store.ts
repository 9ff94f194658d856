import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalContext } from '../src/platform/local-context.ts';
import type { Store } from '../src/store/contract.ts';
import { directory } from '../src/store/engines/directory.ts';

/**
 * The history plane against plain git, side by side in one run: rounds of both in turn, medians, ratios.
 *
 * `node bench/store.ts [--quick]`: about three minutes, or half a minute with a tenth of the commits.
 */
const quick = process.argv.includes('--quick');
const scale = quick
  ? { rounds: 3, puts: 10, batch: 320, streams: 10_000, commits: 10_000, gets: 200 }
  : { rounds: 7, puts: 20, batch: 640, streams: 10_000, commits: 100_000, gets: 500 };
const root = mkdtempSync(join(tmpdir(), 'restage-bench-'));
const context = createLocalContext(new AbortController().signal, () => undefined);
let counter = 0;

interface Row {
  readonly measure: string;
  readonly ours: string;
  readonly other: string;
  readonly ratio: string;
  readonly target: string;
}
const rows: Row[] = [];

process.on('exit', () => {
  rmSync(root, { recursive: true, force: true });
});

await puts();
await gets();
await manyStreams();
await manyCommits();
console.table(rows);

async function puts(): Promise<void> {
  await using store = await open('puts');
  const tree = gitTree('git');
  await fill(store, 50);
  const times: Record<'one' | 'many' | 'git', number[]> = { one: [], many: [], git: [] };
  for (let round = 0; round <= scale.rounds; round++) {
    const one = await timed(scale.puts, () => put(store, 50));
    const many = await clients(store, 64, scale.batch, 50);
    const git = await timed(scale.puts, () => {
      gitPut(tree);
    });
    if (round === 0) continue; // Warm-up.
    times.one.push(one);
    times.many.push(many);
    times.git.push(git);
  }
  const git = median(times.git);
  row('durable PUT 1 KB, one client', median(times.one), git, 'git add + git commit', '>= 5');
  row('durable PUT 1 KB, 64 clients', median(times.many), git, 'git add + git commit', '>= 30');
}

async function gets(): Promise<void> {
  await using store = await open('gets');
  await fill(store, 50);
  await clients(store, 64, 1000, 50);
  const entries = await all(store);
  const git = (...args: string[]) => {
    spawnSync('git', ['-C', join(root, 'gets'), ...args]);
  };
  const times: Record<'head' | 'version' | 'gitHead' | 'gitVersion', number[]> = {
    head: [],
    version: [],
    gitHead: [],
    gitVersion: [],
  };
  for (let round = 0; round < scale.rounds; round++) {
    times.head.push(await timed(scale.gets, () => get(store, name(counter++ % 50))));
    times.gitHead.push(
      await timed(20, () => {
        git('rev-parse', 'HEAD');
        git('show', `HEAD:${name(counter++ % 50)}`);
      }),
    );
    const pick = () => entries[1 + ((counter += 7919) % (entries.length - 1))];
    times.version.push(await timed(scale.gets, () => getAt(store, pick())));
    times.gitVersion.push(
      await timed(20, () => {
        const entry = pick();
        const version = entry?.version.slice(0, 10) ?? '';
        git('rev-parse', version);
        git('show', `${version}:${entry?.changes[0]?.path ?? ''}`);
      }),
    );
  }
  row('GET 1 KB at HEAD', median(times.head), median(times.gitHead), 'git show + git rev-parse', '>= 50');
  row('GET 1 KB by version', median(times.version), median(times.gitVersion), 'git show + git rev-parse', '>= 25');
}

async function manyStreams(): Promise<void> {
  await using few = await open('few');
  await using many = await open('many');
  await fill(few, 50);
  await fill(many, scale.streams);
  const times: Record<'few' | 'many' | 'few64' | 'many64', number[]> = { few: [], many: [], few64: [], many64: [] };
  for (let round = 0; round <= scale.rounds; round++) {
    const a = await timed(scale.puts, () => put(few, 50));
    const b = await timed(scale.puts, () => put(many, scale.streams));
    const c = await clients(few, 64, 320, 50);
    const d = await clients(many, 64, 320, scale.streams);
    if (round === 0) continue;
    times.few.push(a);
    times.many.push(b);
    times.few64.push(c);
    times.many64.push(d);
  }
  cost(`PUT at ${scale.streams} streams, one client`, median(times.many), median(times.few), '50 streams', '<= 2');
  cost(
    `PUT at ${scale.streams} streams, 64 clients`,
    median(times.many64),
    median(times.few64),
    '50 streams',
    '(<= 2)',
  );
}

async function manyCommits(): Promise<void> {
  await using few = await open('young');
  await using many = await open('old');
  for (const [store, count] of [
    [few, 1000],
    [many, scale.commits],
  ] as const) {
    await fill(store, 50);
    await clients(store, 64, count, 50);
  }
  const [young, old] = [await all(few), await all(many)];
  const times: Record<'young' | 'old' | 'youngAt' | 'oldAt', number[]> = { young: [], old: [], youngAt: [], oldAt: [] };
  for (let at = 0; at < scale.gets * 2; at++) {
    times.young.push(await timed(1, () => get(few, name(at % 50))));
    times.old.push(await timed(1, () => get(many, name(at % 50))));
    times.youngAt.push(await timed(1, () => getAt(few, young[1 + ((at * 7919) % (young.length - 1))])));
    times.oldAt.push(await timed(1, () => getAt(many, old[1 + ((at * 7919) % (old.length - 1))])));
  }
  cost(`GET at HEAD, p50, ${scale.commits} commits`, median(times.old), median(times.young), '1000 commits', '<= 1.5');
  cost(
    `GET by version, p50, ${scale.commits} commits`,
    median(times.oldAt),
    median(times.youngAt),
    '1000 commits',
    '(<= 1.5)',
  );
  const start = performance.now();
  await using again = await open('old');
  await again.head();
  const opened = performance.now() - start;
  rows.push({ measure: `open at ${scale.commits} commits`, ours: ms(opened), other: '', ratio: '', target: '' });
  const { historyBytes, packs } = await many.stat();
  const full = fullRepack(join(root, 'old'));
  const size = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  rows.push({
    measure: `size of ${scale.commits} commits in ${packs} packs`,
    ours: size(historyBytes),
    other: `${size(full)} full repack`,
    ratio: (historyBytes / full).toFixed(2),
    target: '<= 1.5',
  });
}

async function open(place: string): Promise<Store> {
  return directory.open({ directory: join(root, place), mode: 'create' }, context);
}

async function fill(store: Store, streams: number): Promise<void> {
  const puts = Array.from({ length: streams }, (_, n) => ({ path: name(n), bytes: content() }));
  await store.commit({ subject: 'fill', producer: 'bench@lab', puts });
}

function name(n: number): string {
  return `streams/s${String(n).padStart(5, '0')}/raw`;
}

/** 1 KB that looks like measurements: half of it compresses. */
function content(): Buffer {
  const lines = Array.from({ length: 20 }, () => `${counter++} ${Math.random()} ${Math.random()} ok\n`);
  return Buffer.from(lines.join('').padEnd(1024, '# end of the measurement\n').slice(0, 1024));
}

async function put(store: Store, streams: number): Promise<void> {
  const path = name(Math.floor(Math.random() * streams));
  await store.commit({ subject: `put ${path}`, producer: 'bench@lab', puts: [{ path, bytes: content() }] });
}

async function clients(store: Store, count: number, total: number, streams: number): Promise<number> {
  let left = total;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: count }, async () => {
      while (left-- > 0) await put(store, streams);
    }),
  );
  return (performance.now() - start) / total;
}

async function get(store: Store, path: string): Promise<void> {
  await (await store.read(path))?.bytes();
}

type Entry = Awaited<ReturnType<typeof all>>[number];

async function getAt(store: Store, entry: Entry | undefined): Promise<void> {
  if (!entry) return;
  const version = await store.resolve(entry.version.slice(0, 10));
  await (await store.read(entry.changes[0]?.path ?? '', version))?.bytes();
}

async function all(store: Store) {
  const entries = [];
  for await (const { version, changes } of store.log(1)) entries.push({ version, changes: changes.slice(0, 1) });
  return entries;
}

function gitTree(place: string): string {
  const tree = join(root, place);
  mkdirSync(join(tree, 'streams'), { recursive: true });
  const settings = ['-c', 'user.name=bench', '-c', 'user.email=bench@lab'];
  spawnSync('git', ['init', '--quiet', '--initial-branch=main', tree]);
  for (let n = 0; n < 50; n++) {
    mkdirSync(join(tree, name(n), '..'), { recursive: true });
    writeFileSync(join(tree, name(n)), content());
  }
  spawnSync('git', ['-C', tree, 'add', '.']);
  spawnSync('git', ['-C', tree, ...settings, 'commit', '--quiet', '--message=fill']);
  spawnSync('git', ['-C', tree, 'config', 'user.name', 'bench']);
  spawnSync('git', ['-C', tree, 'config', 'user.email', 'bench@lab']);
  return tree;
}

function gitPut(tree: string): void {
  const path = name(counter++ % 50);
  writeFileSync(join(tree, path), content());
  spawnSync('git', ['-C', tree, 'add', path]);
  spawnSync('git', ['-C', tree, 'commit', '--quiet', '--message=put']);
}

function fullRepack(store: string): number {
  const copy = `${store}-full`;
  cpSync(join(store, '.git'), copy, { recursive: true });
  spawnSync('git', [`--git-dir=${copy}`, 'repack', '-a', '-d', '-f', '-q']);
  const report = spawnSync('git', [`--git-dir=${copy}`, 'count-objects', '-v'], { encoding: 'utf8' }).stdout;
  return Number(/size-pack: (\d+)/.exec(report)?.[1] ?? 0) * 1024;
}

/** ms per call. */
async function timed(count: number, call: () => Promise<void> | void): Promise<number> {
  const start = performance.now();
  for (let n = 0; n < count; n++) await call();
  return (performance.now() - start) / count;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** A speed-up. */
function row(measure: string, ours: number, other: number, what: string, target: string): void {
  rows.push({ measure, ours: ms(ours), other: `${ms(other)} ${what}`, ratio: (other / ours).toFixed(1), target });
}

/** A price. */
function cost(measure: string, ours: number, other: number, what: string, target: string): void {
  rows.push({ measure, ours: ms(ours), other: `${ms(other)} ${what}`, ratio: (ours / other).toFixed(2), target });
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 3 : 0)} ms`;
}
