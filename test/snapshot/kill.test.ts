import { expect, test } from 'vitest';
import { listSnapshots } from '../../src/snapshot/list.ts';
import { findInterruptedLoad } from '../../src/snapshot/load-journal.ts';
import { save } from '../../src/snapshot/save.ts';
import { verifySnapshot } from '../../src/snapshot/verify.ts';
import { Crash, crashingProcess } from '../rig/crash.ts';
import { load, snapshotRig, undo, type SnapshotRig } from '../rig/snapshots.ts';

const SAVED = { data: { a: 'one', b: 'two' }, session: { u: 'run' } };
const CHANGED = { data: { a: 'changed', c: 'new' }, session: { u: 'dead', v: 'extra' } };

function put(rig: SnapshotRig, state: typeof SAVED | typeof CHANGED): void {
  rig.write('data', state.data);
  rig.write('session', state.session);
}

function stateOf(rig: SnapshotRig): unknown {
  return { data: rig.read('data'), session: rig.read('session') };
}

/** Runs `work` in a process that is killed at its nth effect; answers whether it lived to the end. */
async function survives(rig: SnapshotRig, at: number, work: 'save' | 'load' | 'undo') {
  const { context } = crashingProcess(rig.context, at);
  try {
    if (work === 'save') await save({ name: 'y', settings: {} }, context);
    else if (work === 'load') await load('x', context);
    else await undo(context);
    return true;
  } catch (error) {
    if (error instanceof Crash) return false;
    throw error;
  }
}

/** Does `check` for a kill at every effect of `work`, until one run lives. */
async function sweep(
  work: 'save' | 'load' | 'undo',
  check: (rig: SnapshotRig, at: number) => Promise<void>,
): Promise<void> {
  for (let at = 0; ; at++) {
    await using rig = await snapshotRig();
    put(rig, SAVED);
    await save({ name: 'x', settings: {} }, rig.context);
    put(rig, CHANGED);
    if (work === 'undo') await load('x', rig.context);
    if (await survives(rig, at, work)) {
      expect(at, 'the sweep saw every effect').toBeGreaterThan(5);
      return;
    }
    await check(rig, at);
  }
}

test('save killed before any effect leaves nothing half, and the next one works', async () => {
  await sweep('save', async (rig, at) => {
    const { snapshots } = await listSnapshots(rig.context);
    expect(
      snapshots.filter(({ damaged }) => damaged !== undefined),
      `at ${at}`,
    ).toEqual([]);
    expect(snapshots.map(({ name }) => name)).toContain('x');
    if (snapshots.some(({ name }) => name === 'y')) {
      expect((await verifySnapshot('y', rig.context)).damaged).toEqual([]);
    }
    await save({ name: 'y', settings: {} }, rig.context);
    expect((await load('y', rig.context)).outcome).toBe('nothing');
    expect(stateOf(rig)).toEqual(CHANGED);
  });
});

test('load killed before any effect is gone on with, and undo returns to before it', async () => {
  await sweep('load', async (rig, at) => {
    expect(['loaded', 'nothing'], `at ${at}`).toContain((await load('x', rig.context)).outcome);
    expect(stateOf(rig), `at ${at}`).toEqual(SAVED);
    expect(await findInterruptedLoad(rig.context)).toBeUndefined();
    await undo(rig.context);
    expect(stateOf(rig), `at ${at}`).toEqual(CHANGED);
  });
});

test('load killed before any effect can be undone at once', async () => {
  await sweep('load', async (rig, at) => {
    const interrupted = await findInterruptedLoad(rig.context);
    if (!interrupted) return;
    await undo(rig.context);
    expect(stateOf(rig), `at ${at}`).toEqual(CHANGED);
    expect(await findInterruptedLoad(rig.context)).toBeUndefined();
  });
});

test('undo killed before any effect is gone on with by undo', async () => {
  await sweep('undo', async (rig, at) => {
    if (!(await findInterruptedLoad(rig.context))) return;
    await undo(rig.context);
    expect(stateOf(rig), `at ${at}`).toEqual(CHANGED);
    await undo(rig.context);
    expect(stateOf(rig), `at ${at}`).toEqual(SAVED);
  });
});
