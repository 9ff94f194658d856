import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * What a person waits for at each call and at each TAB, against bare Node of the same version: rounds of all in turn,
 * medians, ratios.
 *
 * `npm run build && node bench/start-up.ts [ROUNDS]`: half a minute. Completion is asked as the script for bash asks it.
 */
const ROUNDS = Number(process.argv[2] ?? 40);
const restage = join(import.meta.dirname, '../bin/restage');
const directory = mkdtempSync(join(tmpdir(), 'restage-bench-'));
const env = { ...process.env, HOME: directory, XDG_DATA_HOME: undefined, XDG_CACHE_HOME: undefined };

interface Measured {
  readonly name: string;
  readonly file: string;
  readonly args: readonly string[];
  /** At most so many times bare Node. */
  readonly target?: number;
  readonly times: number[];
}

const bare: Measured = { name: 'node -e 0', file: process.execPath, args: ['-e', '0'], times: [] };
const measured: readonly Measured[] = [
  bare,
  ours('restage --version', ['--version'], 1.6),
  ours('completion of a command', ['__complete', 'bash', 'restage lo', 'lo'], 2.5),
  ours('completion of an option', ['__complete', 'bash', 'restage load --', '--'], 2.5),
  ours('completion of a snapshot', ['__complete', 'bash', 'restage load d', 'd'], 2.5),
  ours('restage --help', ['--help']),
  ours('restage load --help', ['load', '--help']),
  ours('restage list --json', ['list', '--json']),
];

try {
  if (!existsSync(join(import.meta.dirname, '../dist/main.js'))) throw new Error('there is no build: npm run build');
  prepare();
  for (let round = -2; round < ROUNDS; round++) runRound(round < 0); // The first two warm up caches.
  console.table(measured.map(rowOf));
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function ours(name: string, args: readonly string[], target?: number): Measured {
  return { name, file: restage, args, times: [], ...(target !== undefined && { target }) };
}

function runRound(isWarmUp: boolean): void {
  for (const { file, args, times } of measured) {
    const ms = timed(file, args);
    if (!isWarmUp) times.push(ms);
  }
}

/** A workspace with a snapshot, and a store with some members. */
function prepare(): void {
  timed(restage, ['init']);
  for (let index = 0; index < 20; index++) writeFileSync(join(directory, `snapshot-${index}.snap`), '{}\n');
}

function timed(file: string, args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(file, args, { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${stderr.toString('utf8')}`);
  return ms;
}

function rowOf({ name, times, target }: Measured) {
  const ratio = median(times) / median(bare.times);
  return {
    what: name,
    ms: median(times).toFixed(1),
    ratio: ratio.toFixed(2),
    target: target === undefined ? '' : `<= ${target}`,
    reached: target === undefined ? '' : ratio <= target ? 'yes' : 'NO',
  };
}

function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
