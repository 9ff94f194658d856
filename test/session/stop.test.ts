import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ProcessRecord } from '../../src/model/process-record.ts';
import { readProcessStat } from '../../src/platform/host.ts';
import { parseStopSignal } from '../../src/session/stop.ts';
import { hasTool } from '../rig/has-tool.ts';
import { isAlive, kill, sessionRig, until, type SessionRig } from '../rig/session.ts';

const SLEEP = ['sleep', '600'];
const STUBBORN = "trap '' TERM; echo ready; while :; do sleep 600; done";

describe('stop', () => {
  test('ends a unit and forgets its pid; of one that is down it does nothing', async () => {
    await using rig = await sessionRig();
    const { units } = await rig.start(SLEEP, { alias: 'a' });
    const { name = '', pid } = units[0] ?? {};
    expect((await rig.session.stop({ units: ['a'], all: false })).units).toEqual([
      { name, alias: 'a', outcome: 'stopped', pid, processes: 1 },
    ]);
    expect(rig.processes()).toEqual([]);
    expect(await rig.context.files.exists(join(rig.path, 'pid', `${name}.pid`))).toBe(false);
    expect(await rig.view('a')).toMatchObject({ status: 'inactive', code: null });
    expect((await rig.session.stop({ units: [], all: true })).units).toMatchObject([{ outcome: 'was-down' }]);
  });

  test('takes the whole tree: children, and grandchildren that left its session', async ({ skip }) => {
    if (!hasTool('setsid', ['--version'], 'util-linux')) return skip();
    await using rig = await sessionRig();
    const script = "sleep 600 & setsid sh -c 'sleep 600 & wait' & wait";
    await rig.start(['sh', '-c', script], { alias: 'tree' });
    await until('all five are there', () => rig.processes().length >= 4);
    const all = rig.processes();
    const sessions = new Set(all.map((pid) => readProcessStat(pid)?.session));
    expect(sessions.size, 'one has a session of its own').toBe(2);
    await rig.session.stop({ units: ['tree'], all: false });
    expect(all.filter(isAlive)).toEqual([]);
  });

  test('takes children that have cleared their environment, by their session', async () => {
    await using rig = await sessionRig();
    await rig.start(['sh', '-c', 'env -i sleep 600 & echo $! ; wait'], { alias: 'clear' });
    const { name } = await rig.view('clear');
    await until('it says the pid', () => rig.read(`out/${name}.out`).endsWith('\n'));
    const child = Number(rig.read(`out/${name}.out`));
    await until('it is sleep', () => rig.context.proc.text(child, 'cmdline') === 'sleep\x00600\0');
    await rig.session.stop({ units: ['clear'], all: false });
    expect(isAlive(child)).toBe(false);
  });

  test('kills what ignores TERM, after the time that is declared', async () => {
    await using rig = await sessionRig();
    await rig.start(['sh', '-c', STUBBORN], { alias: 'stubborn' });
    const { name } = await rig.view('stubborn');
    const file = `etc/${name}.yaml`;
    rig.write(file, `${rig.read(file)}stop:\n  signals: [TERM 200ms, KILL 5s]\n`);
    await until('it listens to nobody', () => rig.read(`out/${name}.out`) === 'ready\n');
    const signals: string[] = [];
    const { processes } = rig.context;
    const watching = rig.as({
      processes: {
        ...processes,
        signal: (identity, signal) => {
          signals.push(signal);
          return processes.signal(identity, signal);
        },
      },
    });
    await watching.stop({ units: ['stubborn'], all: false });
    expect(signals[0]).toBe('SIGTERM');
    expect(signals.at(-1)).toBe('SIGKILL');
    expect(rig.processes()).toEqual([]);
  });

  test('says which processes live on', async () => {
    await using rig = await sessionRig();
    const { units } = await rig.start(['sh', '-c', STUBBORN], { alias: 'stubborn' });
    const { name = '', pid = 0 } = units[0] ?? {};
    await until('it listens to nobody', () => rig.read(`out/${name}.out`) === 'ready\n');
    const file = `etc/${name}.yaml`;
    rig.write(file, `${rig.read(file)}stop: {signals: [TERM 50ms], scope: process}\n`);
    const stop = rig.session.stop({ units: ['stubborn'], all: false });
    await expect(stop).rejects.toMatchObject({ code: 'session/still-running', details: { pids: [pid] } });
    expect(await rig.view('stubborn'), 'it is not forgotten').toMatchObject({ status: 'running', pid });
  });

  test('never takes the command that stops, even if the unit has started it', async () => {
    await using rig = await sessionRig();
    const { units } = await rig.start(SLEEP, { alias: 'a' });
    const stat = readProcessStat(process.pid);
    const { proc } = rig.context;
    const leader = readProcessStat(units[0]?.pid ?? 0);
    const inside = rig.as({
      proc: {
        ...proc,
        stat: (pid) =>
          pid === process.pid && stat && leader ? { ...stat, parent: units[0]?.pid ?? 0 } : proc.stat(pid),
      },
    });
    await inside.stop({ units: ['a'], all: false });
    expect(rig.processes()).toEqual([]);
  });
});

describe('a record that does not fit', () => {
  test('a pid that another process has by now is never signalled', async () => {
    await using rig = await sessionRig();
    const { units } = await rig.start(SLEEP, { alias: 'a' });
    await using stranger = await startStranger();
    const { name = '' } = units[0] ?? {};
    kill(units[0]?.pid ?? 0);
    await until('it is gone', () => rig.processes().length === 0);
    // The kernel has given the number away: same pid, another start.
    forge(rig, name, (record) => ({
      ...record,
      identity: record.identity && { ...record.identity, pid: stranger.pid, startTicks: stranger.startTicks - 1 },
    }));
    expect(await rig.view('a')).toMatchObject({ status: 'lost', pid: null });
    expect((await rig.session.stop({ units: ['a'], all: false })).units).toMatchObject([{ processes: 0 }]);
    expect(isAlive(stranger.pid)).toBe(true);
    await rig.start(SLEEP, { alias: 'a' });
    expect(isAlive(stranger.pid)).toBe(true);
  });

  test('after a boot no pid of before means anything', async () => {
    await using rig = await sessionRig();
    const { units } = await rig.start(SLEEP, { alias: 'a' });
    await using stranger = await startStranger();
    kill(units[0]?.pid ?? 0);
    await until('it is gone', () => rig.processes().length === 0);
    const bootId = '00000000-0000-4000-8000-000000000000';
    forge(rig, units[0]?.name ?? '', (record) => ({
      ...record,
      bootId,
      identity: { machineId: record.machineId, bootId, pid: stranger.pid, startTicks: stranger.startTicks },
    }));
    expect(await rig.view('a')).toMatchObject({ status: 'inactive', pid: null });
    await rig.session.stop({ units: [], all: true });
    expect(isAlive(stranger.pid)).toBe(true);
  });

  test('of another host is unknown and never gone: the answer names the host, and nothing is done', async () => {
    await using rig = await sessionRig();
    const { units } = await rig.start(SLEEP, { alias: 'a' });
    const { name = '', pid } = units[0] ?? {};
    const forged = forge(rig, name, (record) => ({ ...record, machineId: 'f'.repeat(32), host: 'lab7' }));
    expect(await rig.view('a')).toMatchObject({ status: 'unknown', host: 'lab7', pid: null });
    const elsewhere = { code: 'session/elsewhere', message: expect.stringContaining('lab7') as string };
    await expect(rig.session.stop({ units: ['a'], all: false })).rejects.toMatchObject(elsewhere);
    await expect(rig.session.stop({ units: [], all: true })).rejects.toMatchObject(elsewhere);
    await expect(rig.start(SLEEP, { alias: 'a' })).rejects.toMatchObject(elsewhere);
    expect(isAlive(pid ?? 0)).toBe(true);
    expect(JSON.parse(rig.read(`pid/${name}.json`))).toEqual(forged);
  });

  test.each([
    {
      change: (rig: SessionRig, name: string) => {
        rig.write(`pid/${name}.json`, '{"schema":');
      },
      why: 'it is damaged',
    },
    {
      change: (rig: SessionRig) => {
        rmSync(join(rig.path, 'pid'), { recursive: true });
      },
      why: 'somebody has removed pid/',
    },
  ])('is made anew from what runs: $why', async ({ change }) => {
    await using rig = await sessionRig();
    const { units } = await rig.start(SLEEP, { alias: 'a' });
    const { name = '', pid } = units[0] ?? {};
    change(rig, name);
    expect(await rig.view('a')).toMatchObject({ status: 'running', pid, edited: false });
    expect((await rig.start(SLEEP, { alias: 'a' })).units).toMatchObject([{ outcome: 'already-running', pid }]);
    expect((await rig.session.stop({ units: ['a'], all: false })).units).toMatchObject([{ outcome: 'stopped', pid }]);
    expect(rig.processes()).toEqual([]);
  });
});

test.each([
  { text: 'TERM 10s', signal: 'SIGTERM', waitMs: 10_000 },
  { text: 'SIGINT 1.5s', signal: 'SIGINT', waitMs: 1500 },
  { text: 'KILL 200ms', signal: 'SIGKILL', waitMs: 200 },
])('$text is $signal and $waitMs ms', ({ text, signal, waitMs }) => {
  expect(parseStopSignal(text)).toEqual({ signal, waitMs });
});

function forge(rig: SessionRig, name: string, change: (record: ProcessRecord) => ProcessRecord): ProcessRecord {
  const path = `pid/${name}.json`;
  const forged = change(ProcessRecord.parse(JSON.parse(rig.read(path))));
  writeFileSync(join(rig.path, path), JSON.stringify(forged));
  return forged;
}

/** A process that belongs to no session of ours. */
async function startStranger() {
  const child = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  return {
    pid,
    startTicks: readProcessStat(pid)?.startTicks ?? 0,
    [Symbol.asyncDispose]: async () => {
      kill(pid);
      await until('the stranger is gone', () => !isAlive(pid));
    },
  };
}
