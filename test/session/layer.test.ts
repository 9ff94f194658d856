import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SessionBody } from '../../src/model/session.ts';
import { createSession, type Session } from '../../src/session/commands.ts';
import { sessionContext } from '../../src/session/context.ts';
import { sessionLayer } from '../../src/session/layer.ts';
import { createContent, layerContext } from '../../src/snapshot/content.ts';
import type { SnapshotContext } from '../../src/snapshot/context.ts';
import { StartRequest } from '../../src/model/session-request.ts';
import { kill, processesWith, sessionTools, until } from '../rig/session.ts';
import { testContext } from '../rig/context.ts';
import { snapshotRig } from '../rig/snapshots.ts';
import { layerContract, type LayerRig } from '../snapshot/layer-contract.ts';

const SERVER = `require('node:http').createServer((_, answer) => answer.end()).listen(0, '127.0.0.1')`;

const tools = sessionTools(testContext());
/** One for all tests: a program that it has read once it need not read again. */
const layer = sessionLayer(tools);

interface Rig extends LayerRig {
  readonly session: Session;
  readonly layer: ReturnType<typeof sessionLayer>;
  readonly path: string;
  readonly start: (alias: string, argv: readonly string[], options?: Partial<StartRequest>) => Promise<number>;
  readonly pidOf: (alias: string) => Promise<number | null>;
  /** The present body; with `want`, as it is captured to be compared with it. */
  readonly capture: (want?: SessionBody) => Promise<SessionBody>;
  /** Makes the session like `want`, each step as it would come out of a journal. */
  readonly load: (want: SessionBody) => Promise<readonly string[]>;
}

/** A workspace with three units: one that listens, one that sleeps, one that is down. */
async function sessionLayerRig(): Promise<Rig> {
  const rig = await snapshotRig();
  const { context, path } = rig;
  const session = createSession(sessionContext(context, tools, { workspace: path, state: context.state }));
  await session.init();
  const start: Rig['start'] = async (alias, argv, options = {}) => {
    const request = StartRequest.parse({ argv: [...argv], alias, ...options });
    return (await session.start({ ...request, directory: path })).units[0]?.pid ?? 0;
  };
  const pidOf = async (alias: string) => (await session.show({ units: [alias], fp: false })).units[0]?.pid ?? null;
  const capture: Rig['capture'] = async (want) => {
    const content = layerContext(context, createContent(context.store));
    return (await layer.capture(content, { purpose: 'compare', settings: {}, ...(want && { want }) })).body;
  };
  const load: Rig['load'] = async (want) => {
    const have = await capture(want);
    const { steps, impossible } = layer.plan(have, want, { settings: {}, available: new Set() });
    expect(impossible).toEqual([]);
    const inOrder = [...steps].sort((a, b) => Number(b.phase === 'stop') - Number(a.phase === 'stop'));
    for (const step of inOrder) await layer.apply(step, layerContext(context, createContent(context.store)));
    return inOrder.map(({ action, item }) => `${action} ${item}`);
  };
  await start('web', [process.execPath, '-e', SERVER]);
  await start('clock', ['sleep', '600']);
  await start('spare', ['sleep', '601']);
  await session.stop({ units: ['spare'], all: false });
  await until(
    'it listens',
    async () => (await session.show({ units: ['web'], fp: true })).units[0]?.fingerprint?.listen.length === 1,
  );
  const nowhere: SnapshotContext = {
    ...context,
    workspace: join(path, 'nowhere'),
    state: join(path, 'nowhere/.restage'),
  };
  return {
    ...{ session, layer, path, context, nowhere, start, pidOf, capture, load },
    change: async () => {
      kill((await pidOf('web')) ?? 0);
      await session.start({ ...StartRequest.parse({ units: ['spare'] }), directory: path });
      await start('extra', ['sleep', '602']);
      await start('clock', ['sleep', '600'], { restart: 'always' });
      writeFileSync(join(path, 'etc/session.yaml'), '# mine\ndependences: {clock: [web]}\nschemes: {}\n');
      await until('it is gone', async () => (await pidOf('web')) === null);
    },
    [Symbol.asyncDispose]: async () => {
      const mark = `RESTAGE_WORKSPACE=${path}`;
      for (const pid of processesWith(mark)) kill(pid);
      await until('all processes of the test have ended', () => processesWith(mark).length === 0);
      await rig[Symbol.asyncDispose]();
    },
  };
}

describe('the session as a layer', () => {
  layerContract(layer, sessionLayerRig);
});

describe('what a load of the session does', () => {
  test('brings back what is missing, stops what is extra, leaves what is right; then the state is equal', async () => {
    await using rig = await sessionLayerRig();
    const want = await rig.capture();
    const [web, clock] = [await rig.pidOf('web'), await rig.pidOf('clock')];
    await rig.change?.();
    const differences = rig.layer.diff(want, await rig.capture());
    expect(differences.map(({ change, item, from, to }) => [change, item, from, to])).toEqual([
      ['changed', 'dependences', '{}', '{"clock":["web"]}'],
      ['changed', 'clock restart', 'no', 'always'],
      ['added', 'extra', undefined, 'up'],
      ['changed', 'spare', 'down', 'up'],
      ['changed', 'web', 'up', 'down'],
    ]);
    expect(await rig.load(want)).toEqual([
      'stop extra',
      'stop spare',
      'configure etc/session.yaml',
      'forget extra',
      'update clock',
      'start web',
    ]);
    expect(await rig.capture()).toEqual(want);
    expect(await rig.load(want), 'a second load does nothing').toEqual([]);
    expect(await rig.pidOf('clock'), 'what was right was left alone').toBe(clock);
    expect(await rig.pidOf('web')).not.toBe(web);
    expect(await rig.context.files.readText(join(rig.path, 'etc/session.yaml'))).toContain('# mine');
  });

  test('starts a unit again whose launch differs, and only that', async () => {
    await using rig = await sessionLayerRig();
    const want = await rig.capture();
    const [web, clock] = [await rig.pidOf('web'), await rig.pidOf('clock')];
    const { units } = await rig.session.show({ units: ['clock'], fp: false });
    const file = join(rig.path, 'etc', `${units[0]?.name ?? ''}.yaml`);
    const text = await rig.context.files.readText(file);
    writeFileSync(file, text.replace('restart: 0', 'restart: 0 # as it was\ncwd: etc'));
    const edited = await rig.capture();
    expect(
      rig.layer.plan(edited, want, { settings: {}, available: new Set() }).steps,
      'what runs is not yet another',
    ).toMatchObject([{ action: 'update', item: 'clock' }]);
    await rig.session.stop({ units: ['clock'], all: false });
    await rig.session.start({ ...StartRequest.parse({ units: ['clock'] }), directory: rig.path });
    expect(await rig.load(want)).toEqual(['stop clock', 'start clock']);
    expect(await rig.capture()).toEqual(want);
    expect(await rig.pidOf('web')).toBe(web);
    expect(await rig.pidOf('clock')).not.toBe(clock);
    expect(await rig.context.files.readText(file), 'comments stay').toContain('# as it was');
  });

  test('starts a unit again whose program has been replaced since, once the right one is there', async () => {
    await using rig = await sessionLayerRig();
    const program = join(rig.path, 'run.sh');
    const write = (seconds: number) => {
      rmSync(program, { force: true });
      writeFileSync(program, `#!/bin/sh\nsleep ${seconds} & wait\n`);
      chmodSync(program, 0o755);
    };
    write(700);
    await rig.start('script', ['./run.sh']);
    const want = await rig.capture();
    const first = await rig.pidOf('script');
    await rig.session.stop({ units: ['script'], all: false });
    write(701);
    await rig.session.start({ ...StartRequest.parse({ units: ['script'] }), directory: rig.path });
    const second = await rig.pidOf('script');
    expect(rig.layer.diff(want, await rig.capture())).toMatchObject([{ item: 'script executable' }]);
    expect(await rig.load(want), 'nobody has brought the program back').toEqual(['restart script']);
    expect(await rig.pidOf('script'), 'so nothing is disturbed').toBe(second);
    write(700);
    expect(await rig.load(want)).toEqual(['stop script', 'start script']);
    expect(await rig.capture()).toEqual(want);
    expect(new Set([first, second, await rig.pidOf('script')]).size).toBe(3);
  });

  test('puts a forgotten declaration back with its comments', async () => {
    await using rig = await sessionLayerRig();
    await rig.start('extra', ['sleep', '602']);
    const { units } = await rig.session.show({ units: ['extra'], fp: false });
    const file = join(rig.path, 'etc', `${units[0]?.name ?? ''}.yaml`);
    writeFileSync(file, `# my own words\n${await rig.context.files.readText(file)}`);
    const before = await rig.capture();
    const others = Object.entries(before.units).filter(([name]) => name !== units[0]?.name);
    expect(await rig.load({ ...before, units: Object.fromEntries(others) })).toEqual(['stop extra', 'forget extra']);
    expect(await rig.load(before)).toEqual(['start extra']);
    expect(await rig.context.files.readText(file)).toContain('# my own words');
    expect(await rig.capture()).toEqual(before);
  });

  test('leaves an extra unit whose shutdown is 0, and says so', async () => {
    await using rig = await sessionLayerRig();
    const want = await rig.capture();
    await rig.start('mine', ['sleep', '603'], { shutdown: false });
    const plan = rig.layer.plan(await rig.capture(want), want, { settings: {}, available: new Set() });
    expect(plan).toMatchObject({ steps: [], left: [{ item: 'mine' }] });
  });

  test.each([
    { change: { command: ['/no/such/program'] }, why: /no program/ },
    { change: { cwd: '/no/such/directory' }, why: /no directory/ },
    { change: { command: ['sleep', '${secret:nobody.knows}'] }, why: /nobody\.knows/ },
    { change: { uri: 'ib://localhost/sync', command: null }, why: /ib/ },
  ])('refuses before anything is touched what cannot be: $why', async ({ change, why }) => {
    await using rig = await sessionLayerRig();
    const present = await rig.capture();
    const [name = '', unit] =
      Object.entries(present.units).find(([, { definition }]) => definition.alias === 'spare') ?? [];
    if (!unit) throw new Error('there is no spare');
    const definition = { ...unit.definition, ...change };
    const want = SessionBody.parse({
      ...present,
      units: { ...present.units, [name]: { ...unit, definition, status: 'up' } },
    });
    const plan = rig.layer.plan(await rig.capture(want), want, { settings: {}, available: new Set() });
    expect(plan.impossible).toMatchObject([{ item: 'spare', why: expect.stringMatching(why) as string }]);
  });

  test('a program of the machine that is another one here is started all the same, and said', async () => {
    await using rig = await sessionLayerRig();
    const want = await rig.capture();
    const other = `sha256:${'0'.repeat(64)}`;
    const units = Object.entries(want.units).map(([name, unit]) => [name, { ...unit, exe: other }] as const);
    const changed = SessionBody.parse({ ...want, units: Object.fromEntries(units) });
    const plan = rig.layer.plan(await rig.capture(changed), changed, { settings: {}, available: new Set() });
    expect(plan.steps).toEqual([]);
    expect(plan.left.map(({ item }) => item).toSorted()).toEqual(['clock executable', 'web executable']);
  });

  test('of a unit that belongs to another host does nothing and names the host', async () => {
    await using rig = await sessionLayerRig();
    const want = await rig.capture();
    const { units } = await rig.session.show({ units: ['clock'], fp: false });
    const file = join(rig.path, 'pid', `${units[0]?.name ?? ''}.json`);
    const record = JSON.parse(await rig.context.files.readText(file)) as object;
    writeFileSync(file, JSON.stringify({ ...record, machineId: 'f'.repeat(32), host: 'lab7' }));
    const have = await rig.capture(want);
    expect(Object.values(have.units).find(({ definition }) => definition.alias === 'clock')).toMatchObject({
      ...{ status: 'unknown', how: 'unknown', host: 'lab7' },
    });
    const plan = rig.layer.plan(have, want, { settings: {}, available: new Set() });
    expect(plan.impossible).toMatchObject([{ item: 'clock', why: expect.stringContaining('lab7') as string }]);
  });

  test('a unit that dies at once is a failed step', async () => {
    await using rig = await sessionLayerRig();
    await rig.start('short', ['sh', '-c', 'test -e etc/go || exit 5; sleep 600']);
    writeFileSync(join(rig.path, 'etc/go'), '');
    await rig.session.start({ ...StartRequest.parse({ units: ['short'] }), directory: rig.path });
    const want = await rig.capture();
    await rig.session.stop({ units: ['short'], all: false });
    rmSync(join(rig.path, 'etc/go'));
    await expect(rig.load(want)).rejects.toMatchObject({ code: 'session/died' });
  });
});
