import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { StartReport } from '../../src/model/session-report.ts';
import { isAlive, sessionRig, until } from '../rig/session.ts';
import type { HangingPlace, SessionProcessRequest } from '../rig/session-process.ts';

const SLEEP = ['sleep', '600'];

describe('kill -9 of the command', () => {
  test.each<{ hang: HangingPlace; copies: number; status: string; why: string }>([
    { hang: 'before-launch', copies: 0, status: 'inactive', why: 'announced and not launched' },
    { hang: 'after-launch', copies: 1, status: 'running', why: 'launched, its identity not recorded' },
  ])('$hang leaves no second copy: $why', async ({ hang, copies, status }) => {
    await using rig = await sessionRig();
    await killedAt({ workspace: rig.path, hang, start: { argv: SLEEP, alias: 'a' } });
    expect(rig.processes()).toHaveLength(copies);
    const before = await rig.view('a');
    expect(before).toMatchObject({ status });
    const { units } = await rig.start(SLEEP, { alias: 'a' });
    expect(units).toMatchObject([{ outcome: copies === 1 ? 'already-running' : 'started' }]);
    expect(rig.processes()).toEqual([units[0]?.pid]);
    await rig.session.stop({ units: ['a'], all: false });
    expect(rig.processes()).toEqual([]);
    expect(await rig.view('a')).toMatchObject({ status: 'inactive', pid: null });
  });

  test('in the middle of a stop leaves a unit that runs, or one that is stopped', async () => {
    await using rig = await sessionRig();
    const { units } = await rig.start(SLEEP, { alias: 'a' });
    await killedAt({ workspace: rig.path, hang: 'before-signal', stop: 'a' });
    expect(await rig.view('a')).toMatchObject({ status: 'running', pid: units[0]?.pid });
    process.kill(units[0]?.pid ?? 0, 'SIGKILL');
    await until('it is gone', () => rig.processes().length === 0);
    expect(await rig.view('a'), 'it was about to be stopped').toMatchObject({ status: 'inactive' });
  });

  test('and a program that hides where it comes from: nothing is guessed, signalled or started', async () => {
    await using rig = await sessionRig();
    await killedAt({ workspace: rig.path, hang: 'after-launch', start: { argv: SLEEP, alias: 'a' } });
    const [pid = 0] = rig.processes();
    // As a program does that writes its title over its environment.
    const { proc } = rig.context;
    const hidden = rig.as({
      proc: {
        ...proc,
        text: (of, file) => (of === pid && file === 'environ' ? 'sleep: working\0' : proc.text(of, file)),
      },
    });
    const ambiguous = { code: 'session/ambiguous', details: { candidates: [pid] } };
    await expect(hidden.start({ units: ['a'], directory: rig.path })).rejects.toMatchObject(ambiguous);
    await expect(hidden.stop({ units: ['a'], all: false })).rejects.toMatchObject(ambiguous);
    expect((await hidden.show({ units: [], fp: false })).units).toMatchObject([{ status: 'ambiguous', others: [pid] }]);
    expect(isAlive(pid)).toBe(true);
  });
});

test('two commands that start the same unit at once make one copy', async () => {
  await using rig = await sessionRig();
  const request = { workspace: rig.path, hang: 'nowhere', start: { argv: SLEEP, alias: 'a' } } as const;
  const runs = await Promise.all([runProcess(request), runProcess(request), runProcess(request)]);
  const reports = runs.map((text) => JSON.parse(text) as StartReport);
  expect(rig.processes()).toHaveLength(1);
  const outcomes = reports.map(({ units }) => units[0]?.outcome);
  expect(outcomes.toSorted()).toEqual(['already-running', 'already-running', 'started']);
});

/** Runs a command of its own until it hangs, and kills it there. */
async function killedAt(request: SessionProcessRequest): Promise<void> {
  const child = start(request);
  const closed = once(child, 'close');
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await closed;
}

async function runProcess(request: SessionProcessRequest): Promise<string> {
  const child = start(request);
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(0);
  return text;
}

function start(request: SessionProcessRequest) {
  const program = join(import.meta.dirname, '../rig/session-process.ts');
  return spawn(process.execPath, [program, JSON.stringify(request)], { stdio: ['ignore', 'pipe', 'inherit'] });
}
