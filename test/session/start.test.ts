import { describe, expect, test } from 'vitest';
import { RestageError } from '../../src/errors.ts';
import { StartRequest } from '../../src/model/session-request.ts';
import { readProcessStat } from '../../src/platform/host.ts';
import { hasTool } from '../rig/has-tool.ts';
import { isAlive, kill, sessionRig, until } from '../rig/session.ts';

const SLEEP = ['sleep', '600'];

describe('start', () => {
  test('gives a process of its own session, its variables and no other, and its files', async () => {
    await using rig = await sessionRig({ variables: { PATH: process.env['PATH'], HOME: '/h', EDITOR: 'vi' } });
    const script =
      'process.stdout.write(JSON.stringify(process.env)); console.error("oops"); setInterval(() => 0, 1e6)';
    const { units } = await rig.start([process.execPath, '-e', script], { alias: 'web', env: ['MODE=a=b'] });
    const { name = '', pid } = units[0] ?? {};
    expect(units).toMatchObject([{ alias: 'web', outcome: 'started', secrets: [] }]);
    const stat = readProcessStat(pid ?? 0);
    expect(stat).toMatchObject({ session: pid, group: pid });
    await until('it has printed', () => rig.read(`err/${name}.out`) === 'oops\n');
    const { RESTAGE_LAUNCH: launch, ...variables } = JSON.parse(rig.read(`out/${name}.out`)) as Record<string, string>;
    expect(variables).toEqual({
      ...{ PATH: process.env['PATH'], HOME: '/h', MODE: 'a=b' },
      ...{
        RESTAGE_NAME: name,
        RESTAGE_ALIAS: 'web',
        RESTAGE_WORKSPACE: rig.path,
        RESTAGE_DB: `${rig.path}/db/${name}.db`,
      },
    });
    expect(rig.read(`pid/${name}.pid`)).toBe(`${pid}\n`);
    const { machineId, bootId } = rig.context.host;
    expect(JSON.parse(rig.read(`pid/${name}.json`))).toMatchObject({
      ...{ schema: 'restage/process/1', launch, phase: 'running' },
      identity: { machineId, bootId, pid, startTicks: stat?.startTicks },
      variables: { PATH: 'captured', MODE: 'set' },
    });
  });

  test('of a unit that runs does nothing, by its arguments, its alias or its name', async () => {
    await using rig = await sessionRig();
    const { units: first } = await rig.start(SLEEP, { alias: 'clock' });
    const again = [await rig.start(SLEEP), await rig.start(SLEEP, { alias: 'clock' })];
    for (const units of [['clock'], [first[0]?.name ?? '']]) {
      again.push(await rig.session.start({ units, directory: rig.path }));
    }
    for (const { units } of again) {
      expect(units).toMatchObject([{ outcome: 'already-running', pid: first[0]?.pid, alias: 'clock' }]);
    }
    expect(rig.processes()).toHaveLength(1);
  });

  test('of the same program under another alias is a twin with a name of its own', async () => {
    await using rig = await sessionRig();
    const { units: a } = await rig.start(SLEEP, { alias: 'a' });
    const { units: b } = await rig.start(SLEEP, { alias: 'b' });
    expect(b[0]).toMatchObject({ outcome: 'started', alias: 'b' });
    expect(b[0]?.name).not.toBe(a[0]?.name);
    expect((await rig.start(SLEEP, { alias: 'b' })).units).toMatchObject([
      { name: b[0]?.name, outcome: 'already-running' },
    ]);
    expect(rig.processes()).toHaveLength(2);
  });

  test.each([
    { argv: ['/no/such/program'], options: {}, code: 'session/program', why: 'the program is missing' },
    { argv: ['./plain.txt'], options: {}, code: 'session/program', why: 'it is no program' },
    { argv: ['./broken.sh'], options: {}, code: 'session/program', why: 'its interpreter is missing' },
    {
      argv: undefined,
      options: { uri: 'ib://localhost/sync' },
      code: 'session/scheme',
      why: 'nobody launches its scheme',
    },
    { argv: undefined, options: { uri: 'exec://other/bin/sleep' }, code: 'session/uri', why: 'it is of another host' },
    { argv: SLEEP, options: { cwd: 'gone' }, code: 'session/directory', why: 'its directory is gone' },
    {
      argv: ['sh', '-c', ':', '${secret:x}'],
      options: { env: ['A=1'] },
      code: undefined,
      why: 'no reference: typed arguments are text',
    },
    { argv: SLEEP, options: { envFile: ['none.env'] }, code: 'file/missing', why: 'its file of variables is gone' },
  ])('of $argv declares nothing when it cannot be: $why', async ({ argv, options, code }) => {
    await using rig = await sessionRig();
    rig.write('plain.txt', 'text\n');
    rig.write('broken.sh', '#!/no/such/interpreter\n', 0o755);
    const request = StartRequest.parse({ argv, alias: 'x', ...options });
    const outcome = rig.session.start({ ...request, directory: rig.path });
    if (code === undefined) {
      await outcome;
      return;
    }
    await expect(outcome).rejects.toMatchObject({ code });
    expect((await rig.session.show({ units: [], fp: false })).units).toEqual([]);
    expect(await rig.context.files.list(`${rig.path}/pid`)).toMatchObject([{ name: '.gitignore' }]);
    expect(rig.processes()).toEqual([]);
  });

  test('says how a program ended that ends at once, and starts it again when asked', async () => {
    await using rig = await sessionRig();
    const report = await rig.start(['sh', '-c', 'exit 7'], { alias: 'short' });
    expect(report.units).toMatchObject([{ outcome: 'died', code: 7, signal: null, pid: null }]);
    expect(await rig.view('short')).toMatchObject({ status: 'exited', code: 7, pid: null });
    expect((await rig.session.start({ units: ['short'], directory: rig.path })).units).toMatchObject([
      { outcome: 'died' },
    ]);
    const killed = await rig.start(['sh', '-c', 'kill -9 $$'], { alias: 'killed' });
    expect(killed.units).toMatchObject([{ outcome: 'died', code: null, signal: 'SIGKILL' }]);
  });

  test('refuses an alias that another unit has, and options that say something else', async () => {
    await using rig = await sessionRig();
    const { units } = await rig.start(SLEEP, { alias: 'a' });
    await expect(rig.start(['sleep', '601'], { alias: 'a' })).rejects.toMatchObject({ code: 'session/alias-taken' });
    const name = units[0]?.name ?? '';
    await expect(rig.start(['sleep', '601'], { alias: name })).rejects.toMatchObject({ code: 'session/alias-taken' });
    rig.write('sub/keep', '');
    await expect(rig.start(SLEEP, { cwd: 'sub' })).rejects.toMatchObject({ code: 'session/unit-differs' });
    await rig.start(SLEEP, { restart: 'always', shutdown: false });
    expect(await rig.view('a')).toMatchObject({ restart: 'always', shutdown: false, edited: false });
  });

  test('names near units for one that is unknown', async () => {
    await using rig = await sessionRig();
    await rig.start(SLEEP, { alias: 'worker' });
    const start = rig.session.start({ units: ['wroker'], directory: rig.path });
    await expect(start).rejects.toMatchObject({ code: 'session/unknown-unit', hint: 'Did you mean worker?' });
  });

  test('needs a session', async () => {
    await using rig = await sessionRig();
    await rig.context.files.remove(`${rig.path}/etc/session.yaml`);
    await expect(rig.start(SLEEP)).rejects.toMatchObject({ code: 'session/missing' });
  });

  test('takes the marks of a session around it from nobody: a unit owns only what it was launched with', async () => {
    await using rig = await sessionRig({
      variables: { ...process.env, RESTAGE_LAUNCH: 'f'.repeat(32), RESTAGE_X: '1' },
    });
    const { units } = await rig.start(SLEEP, { alias: 'a', inherit: 'all' });
    const environ = rig.context.proc.text(units[0]?.pid ?? 0, 'environ') ?? '';
    expect(environ).not.toContain('f'.repeat(32));
    expect(environ).not.toContain('RESTAGE_X');
    expect(rig.read(`etc/${units[0]?.name ?? ''}.yaml`)).not.toContain('RESTAGE_');
  });
});

describe('two starts at once', () => {
  test('from one command and another make one copy', async () => {
    await using rig = await sessionRig();
    const starts = await Promise.all(Array.from({ length: 6 }, () => rig.start(SLEEP, { alias: 'one' })));
    expect(rig.processes()).toHaveLength(1);
    const pids = new Set(starts.map(({ units }) => units[0]?.pid));
    expect(pids.size).toBe(1);
    expect(starts.filter(({ units }) => units[0]?.outcome === 'started')).toHaveLength(1);
  });
});

describe('after a death', () => {
  test('that nobody saw, the unit is lost, and a start brings one back', async () => {
    await using rig = await sessionRig();
    const { units } = await rig.start(SLEEP, { alias: 'a' });
    kill(units[0]?.pid ?? 0);
    await until('it is gone', () => rig.processes().length === 0);
    expect(await rig.view('a')).toMatchObject({ status: 'lost', pid: null });
    const again = await rig.start(SLEEP, { alias: 'a' });
    expect(again.units).toMatchObject([{ outcome: 'started' }]);
    expect(rig.processes()).toHaveLength(1);
  });

  test('what it left in its session is ended before a second copy is made', async () => {
    await using rig = await sessionRig();
    const script = 'sleep 600 & wait';
    const { units } = await rig.start(['sh', '-c', script], { alias: 'a' });
    await until('its child is there', () => rig.processes().length === 2);
    kill(units[0]?.pid ?? 0);
    await until('its child is alone', () => rig.processes().length === 1);
    const [orphan = 0] = rig.processes();
    expect(await rig.view('a')).toMatchObject({ status: 'lost', others: [orphan] });
    await rig.start(['sh', '-c', script], { alias: 'a' });
    expect(isAlive(orphan)).toBe(false);
    await until('it is there again', () => rig.processes().length === 2);
  });

  test.skipIf(!hasTool('setsid', ['--version'], 'util-linux'))(
    'of a first process that went into the background, the unit is what it left there',
    async () => {
      await using rig = await sessionRig();
      const { units } = await rig.start(['sh', '-c', 'setsid sleep 600 & exit 0'], { alias: 'daemon' });
      const [daemon] = rig.processes();
      expect(rig.processes()).toHaveLength(1);
      expect(units).toMatchObject([{ outcome: 'started', pid: daemon }]);
      expect(await rig.view('daemon')).toMatchObject({ status: 'running', pid: daemon });
      expect((await rig.session.start({ units: ['daemon'], directory: rig.path })).units).toMatchObject([
        { outcome: 'already-running' },
      ]);
      await rig.session.stop({ units: ['daemon'], all: false });
      expect(rig.processes()).toEqual([]);
    },
  );
});

test('failures are expected ones, with a hint', async () => {
  await using rig = await sessionRig();
  const thrown: unknown = await rig.start(['/no/such/program']).catch((error: unknown) => error);
  expect(thrown).toBeInstanceOf(RestageError);
  expect((thrown as RestageError).hint).toMatch(/^[A-Z].*[^.]$/);
});
