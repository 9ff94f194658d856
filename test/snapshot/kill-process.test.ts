import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LAYER_KINDS } from '../../src/model/id.ts';
import { findInterruptedLoad } from '../../src/snapshot/load-journal.ts';
import { listSnapshots } from '../../src/snapshot/list.ts';
import { save } from '../../src/snapshot/save.ts';
import { verifySnapshot } from '../../src/snapshot/verify.ts';
import { openHall } from '../rig/hall-process.ts';
import { hasTool } from '../rig/has-tool.ts';
import { runKilledAt } from '../rig/kill-at.ts';
import { load, undo } from '../rig/snapshots.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';

const PROGRAM = join(import.meta.dirname, '../rig/hall-process.ts');
const SAVED = { nodes: { n: 'on' }, environment: { e: '1' }, data: { d: 'one' }, session: { s: 'run' } };
const CHANGED = { nodes: { n: 'off' }, environment: { e: '2' }, data: { d: 'two', more: 'x' }, session: { s: 'dead' } };

/** At every effect, which takes minutes, and not only at some of them. */
const SWEEPS_ALL = process.env['RESTAGE_TEST_SWEEP'] === 'all';
const LIMIT = { timeout: SWEEPS_ALL ? 1_800_000 : 180_000 };

type World = Readonly<Record<(typeof LAYER_KINDS)[number], Readonly<Record<string, string>>>>;

function put(workspace: string, world: World): void {
  for (const kind of LAYER_KINDS) writeFileSync(join(workspace, `${kind}.json`), JSON.stringify(world[kind]));
}

function worldOf(workspace: string): unknown {
  return Object.fromEntries(
    LAYER_KINDS.map((kind) => [kind, JSON.parse(readFileSync(join(workspace, `${kind}.json`), 'utf8')) as unknown]),
  );
}

/** A new workspace in which `x` was saved and the world changed; before an undo, `x` is loaded again. */
async function prepare(workspace: string, work: string): Promise<void> {
  put(workspace, SAVED);
  await using hall = await openHall(workspace);
  await save({ name: 'x', settings: {} }, hall);
  put(workspace, CHANGED);
  if (work === 'undo') await load('x', hall);
}

/** Kills `work` at some effects spread over its whole run, each time in a new workspace; the next process then looks. */
async function sweep(
  work: 'save' | 'load' | 'undo',
  usual: number,
  check: (workspace: string, at: number) => Promise<void>,
): Promise<void> {
  const run = async (at: number) => {
    using directory = temporaryDirectory();
    const workspace = join(directory.path, 'work');
    mkdirSync(workspace);
    await prepare(workspace, work);
    const ended = await runKilledAt(at, PROGRAM, [workspace, work], directory.path);
    if (!ended.killed && ended.status !== 0) throw new Error(ended.stderr);
    if (ended.killed) {
      await check(workspace, at);
      execFileSync('git', ['-C', join(workspace, '.restage'), 'fsck', '--full', '--strict'], { stdio: 'pipe' });
    }
    return ended;
  };
  const { effects } = await run(0);
  expect(effects).toBeGreaterThan(usual);
  const runs = SWEEPS_ALL ? effects : usual;
  for (let index = 0; index < runs; index++) {
    const { killed } = await run(1 + Math.floor((index * effects) / runs));
    expect(killed).toBe(true);
  }
}

describe.skipIf(!hasTool('git'))('kill -9, with a store on disk', () => {
  test('save: nothing half is visible, and the next save works', LIMIT, async () => {
    await sweep('save', 6, async (workspace) => {
      await using hall = await openHall(workspace);
      const { snapshots } = await listSnapshots(hall);
      expect(snapshots.filter(({ damaged }) => damaged !== undefined)).toEqual([]);
      for (const { name } of snapshots) expect((await verifySnapshot(name, hall)).damaged).toEqual([]);
      await save({ name: 'y', settings: {} }, hall);
      expect((await load('y', hall)).outcome).toBe('nothing');
      expect((await hall.store.verify()).damaged).toEqual([]);
    });
  });

  test('load: the next one finishes it, and undo returns to before it', LIMIT, async () => {
    await sweep('load', 9, async (workspace, at) => {
      await using hall = await openHall(workspace);
      await load('x', hall);
      expect(worldOf(workspace), `at ${at}`).toEqual(SAVED);
      expect(await findInterruptedLoad(hall)).toBeUndefined();
      await undo(hall);
      expect(worldOf(workspace), `at ${at}`).toEqual(CHANGED);
    });
  });

  test('undo: gone on with by undo', LIMIT, async () => {
    await sweep('undo', 5, async (workspace, at) => {
      await using hall = await openHall(workspace);
      if (!(await findInterruptedLoad(hall))) return;
      await undo(hall);
      expect(worldOf(workspace), `at ${at}`).toEqual(CHANGED);
    });
  });
});
