import { expect, test } from 'vitest';
import { transcript, typed } from '../../rig/cli.ts';
import { kill, processesWith, until } from '../../rig/session.ts';
import { temporaryDirectory } from '../../rig/temporary-directory.ts';

/** A directory in which lines are typed; what they start is ended with it. */
function typingPlace() {
  const directory = temporaryDirectory();
  const at = { directory: directory.path, variables: { PATH: '/usr/bin:/bin' } };
  const mark = `RESTAGE_WORKSPACE=${directory.path}`;
  return {
    type: async (line: string) => {
      const shown = await transcript(line, at);
      // Widths of columns depend on how long pids and times happen to be.
      const plain = shown
        .replaceAll(directory.path, 'PLACE')
        .replace(/pid \d+/g, 'pid PID')
        .replace(/ {2,}/g, '  ');
      return plain.replace(/running {2}\d+ {2}[\d.]+ \w+/g, 'running  PID  SPAN');
    },
    document: async (line: string) => JSON.parse((await typed(line, at)).stdout) as unknown,
    [Symbol.asyncDispose]: async () => {
      for (const pid of processesWith(mark)) kill(pid);
      await until('all processes of the test have ended', () => processesWith(mark).length === 0);
      directory[Symbol.dispose]();
    },
  };
}

test('the life of a unit, as a person sees it', async () => {
  await using place = typingPlace();
  const lines = [
    'restage session show',
    'restage session init',
    'restage session init',
    'restage session show',
    'restage session start --uri "exec://localhost/bin/sleep?600" --alias clock --restart 1 --shutdown 1',
    'restage session start clock',
    'restage session start --alias short -- sh -c "echo to err >&2; exit 3"',
    'restage session show',
    'restage session logs short',
    'restage session stop clck',
    'restage session stop clock',
    'restage session stop --all',
  ];
  const shown: string[] = [];
  for (const line of lines) shown.push(await place.type(line));
  expect(shown.join('\n\n')).toMatchInlineSnapshot(`
    "$ restage session show
    ! restage: there is no .restage/ in PLACE or above
    ! hint: Make one here with \`restage init\`
    exit 4

    $ restage session init
    created session in PLACE  bin db err etc exit fp out pid run
    exit 0

    $ restage session init
    the session in PLACE is there already
    exit 0

    $ restage session show
    no unit is declared
    exit 0

    $ restage session start --uri "exec://localhost/bin/sleep?600" --alias clock --restart 1 --shutdown 1
    ! note: --restart 1 of clock is recorded; nobody watches yet, so it is not started again by itself
    luxurious-pony  clock  running  pid PID
    exit 0

    $ restage session start clock
    luxurious-pony  clock  running  pid PID  as before
    exit 0

    $ restage session start --alias short -- sh -c "echo to err >&2; exit 3"
    starry-umbrella  short  died  status 3  look at \`restage session logs\`
    exit 1

    $ restage session show
    NAME  ALIAS  STATUS  PID  UPTIME  RESTART
    luxurious-pony  clock  running  PID  SPAN  1
    starry-umbrella  short  exited  -  -  0  status 3
    exit 0

    $ restage session logs short
    to err
    exit 0

    $ restage session stop clck
    ! restage: there is no unit clck
    ! hint: Did you mean clock?
    exit 2

    $ restage session stop clock
    luxurious-pony  clock  stopped  pid PID
    exit 0

    $ restage session stop --all
    luxurious-pony  clock  down  as before
    starry-umbrella  short  down  as before
    exit 0"
  `);
});

test.each([
  { line: 'restage session start', why: 'nothing to start' },
  { line: 'restage session start a -- b', why: 'two things at once' },
  { line: 'restage session start --restart maybe -- sleep 1', why: 'no policy' },
  { line: 'restage session start --alias a:b -- sleep 1', why: 'no alias' },
  { line: 'restage session start --env X -- sleep 1', why: 'no variable' },
  { line: 'restage session start a --cwd /', why: 'what is declared is in its file' },
  { line: 'restage session stop', why: 'nothing to stop' },
  { line: 'restage session logs', why: 'no unit' },
  { line: 'restage session logs a --lines many', why: 'no number' },
])('$line is a matter of usage: $why', async ({ line }) => {
  await using place = typingPlace();
  await place.type('restage session init');
  expect(await place.type(line)).toMatch(/^! hint: .*\nexit 2$/m);
});

test('with --json each command prints one document', async () => {
  await using place = typingPlace();
  expect(await place.document('restage --json session init')).toMatchObject({ schema: 'restage/session-init/1' });
  expect(await place.document('restage --json session start --alias a -- sleep 600')).toMatchObject({
    ...{ schema: 'restage/session-start/1', units: [{ alias: 'a', outcome: 'started' }] },
  });
  expect(await place.document('restage --json session show')).toMatchObject({
    ...{ schema: 'restage/session-show/1', units: [{ alias: 'a', status: 'running' }] },
  });
  expect(await place.document('restage --json session stop --all')).toMatchObject({
    ...{ schema: 'restage/session-stop/1', units: [{ alias: 'a', outcome: 'stopped' }] },
  });
});

test('a password that is typed is put away, and said by its name alone', async () => {
  await using place = typingPlace();
  await place.type('restage session init');
  const uri = 'exec://localhost/bin/sh?-c&sleep%20600&username=myuser&password=kornblume';
  const shown = await place.type(`restage session start --uri "${uri}" --alias master.tws`);
  expect(shown.split('\n').slice(1).join('\n')).toMatchInlineSnapshot(`
    "! note: password kept in etc/secrets.yaml (0600) as \${secret:master.tws.password}
    pure-orchard  master.tws  running  pid PID
    exit 0"
  `);
});
