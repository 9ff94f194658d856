import { describe, expect, test } from 'vitest';
import type { Check, GeneralCommands } from '../../src/cli/commands/general/contract.ts';
import { RestageError } from '../../src/errors.ts';
import { transcript, typed } from '../rig/cli.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';

async function see(line: string, more: Partial<Parameters<typeof transcript>[1]> = {}): Promise<string> {
  using directory = temporaryDirectory();
  return (await transcript(line, { directory: directory.path, ...more })).replaceAll(directory.path, 'DIR');
}

function general(over: Partial<GeneralCommands>): { readonly general: () => Promise<GeneralCommands> } {
  const unused = () => Promise.reject(new Error('not used here'));
  const all = { configuration: unused, checks: unused, link: unused, programDirectory: unused, ...over };
  return { general: async () => all };
}

describe('what is typed wrong is one line, one hint and status 2', () => {
  test('an unknown command', async () => {
    expect(await see('restage svae demo')).toMatchInlineSnapshot(`
      "$ restage svae demo
      ! restage: there is no command "svae"
      ! hint: Did you mean \`restage save\`
      exit 2"
    `);
  });
  test('an unknown command of a group', async () => {
    expect(await see('restage nodes stauts')).toMatchInlineSnapshot(`
      "$ restage nodes stauts
      ! restage: there is no command "nodes stauts"
      ! hint: Did you mean \`restage nodes status\`
      exit 2"
    `);
  });
  test('an unknown option', async () => {
    expect(await see('restage diff a b --jsn')).toMatchInlineSnapshot(`
      "$ restage diff a b --jsn
      ! restage: unknown option '--jsn'
      ! hint: Did you mean --json
      exit 2"
    `);
  });
  test('for scripts it has a code', async () => {
    expect(await see('restage --json frobnicate')).toContain('"code":"cli/unknown-command","exit":2');
    expect(await see('restage --json save')).toContain('"code":"cli/usage","exit":2');
  });
  test('a forgotten name', async () => {
    expect(await see('restage save')).toMatchInlineSnapshot(`
      "$ restage save
      ! restage: missing required argument 'name'
      ! hint: Run \`restage save --help\`
      exit 2"
    `);
  });
  test('a plan of a command that makes none: nothing happens', async () => {
    expect(await see('restage save demo --plan')).toMatchInlineSnapshot(`
      "$ restage save demo --plan
      ! restage: \`restage save\` makes no plan
      ! hint: Leave --plan out
      exit 2"
    `);
  });
  test('a time span that is none', async () => {
    expect(await see('restage config --timeout soon')).toMatchInlineSnapshot(`
      "$ restage config --timeout soon
      ! restage: "soon" is no time span
      ! hint: Write seconds, or a number with its unit, such as 90, 5m or 1h30m
      exit 2"
    `);
  });
  test('a setting that is none', async () => {
    expect(await see('restage config --set nonsense')).toMatchInlineSnapshot(`
      "$ restage config --set nonsense
      ! restage: --set nonsense names no value
      ! hint: Write --set section.key=value, such as --set store.mirror=/backup
      exit 2"
    `);
  });
  test('an option before any command', async () => {
    expect(await see('restage --json')).toMatchInlineSnapshot(`
      "$ restage --json
      ! {"schema":"restage/error/1","code":"cli/usage","exit":2,"message":"there is no command, only --json","hint":"Run the command with --help","details":{}}
      exit 2"
    `);
  });
});

describe('failures', () => {
  test('where there is no workspace, the hint says how to make one', async () => {
    expect(await see('restage save demo')).toMatchInlineSnapshot(`
      "$ restage save demo
      ! restage: there is no .restage/ in DIR or above
      ! hint: Make one here with \`restage init\`
      exit 4"
    `);
  });

  test('a workspace that is named must be one', async () => {
    expect(await see('restage save demo --workspace there')).toMatchInlineSnapshot(`
      "$ restage save demo --workspace there
      ! restage: there is no .restage/ in DIR/there
      ! hint: Make one there with \`restage init there\`
      exit 4"
    `);
  });

  test('with --json a failure is one document on stderr, and stdout stays empty', async () => {
    using directory = temporaryDirectory();
    const { status, stdout, stderr } = await typed('restage --json save demo', { directory: directory.path });
    expect([status, stdout]).toEqual([4, '']);
    expect(JSON.parse(stderr)).toEqual({
      ...{ schema: 'restage/error/1', code: 'workspace/missing', exit: 4 },
      message: `there is no .restage/ in ${directory.path} or above`,
      hint: 'Make one here with `restage init`',
      details: { place: directory.path },
    });
  });

  test('with --verbose code, causes and details follow', async () => {
    const cause = new Error('disk on fire');
    const checks = () =>
      Promise.reject(new RestageError('exec/failed', 'it failed', { cause, details: { status: 3 } }));
    expect(await see('restage doctor --verbose', { engine: general({ checks }) })).toMatchInlineSnapshot(`
      "$ restage doctor --verbose
      ! restage: it failed
      ! hint: Run again with --verbose to see its output
      ! code: exec/failed
      ! cause: disk on fire
      ! status: 3
      exit 1"
    `);
  });

  test('anything else that is thrown is a bug: status 70 and a stack', async () => {
    const checks = () => Promise.reject(new TypeError('x is not a function'));
    const shown = await see('restage doctor', { engine: general({ checks }) });
    expect(shown).toMatch(/^! restage: this is a bug of restage: TypeError: x is not a function\n! {5}at /m);
    expect(shown).toMatch(/exit 70$/);
  });
});

describe('help', () => {
  test('the words alone name a group, with status 2', async () => {
    const shown = await see('restage nodes');
    expect(shown).toMatch(/^! Usage: restage nodes COMMAND$/m);
    expect(shown).toMatch(/exit 2$/);
  });

  test.each(['restage', 'restage --help', 'restage -h', 'restage help'])('%s shows all commands', async (line) => {
    const shown = await see(line);
    expect(shown).toMatch(/^ {2}save .*Save the state of the experiment as a snapshot$/m);
    expect(shown).toMatch(/exit 0$/);
  });

  test('a command shows its parameters, options and examples', async () => {
    expect(await see('restage help undo')).toMatchInlineSnapshot(`
      "$ restage help undo
      Usage: restage undo [options]

      Put back what the last load changed.

      Options:
            --only <layer...>    these layers and no other (nodes, environment, data, session)
            --nodes <selector>   these nodes; implies --only nodes
            --except <selector>  nodes: all but these
            --check <how>        nodes: how sure a disk must be (stamp, blocks, never)
            --system             environment: the machine's own packages too
            --others <what>      nodes that the snapshot does not have (leave, off)
            --only-power         nodes: power alone, no disks
            --exact              data: also remove files that the snapshot does not have
            --restore-db         session: databases too

      Every command has:
            --json                     print one JSON document, or one event per line
            --quiet                    print the result and failures only
            --verbose                  say more: causes of failures, each step
        -y, --yes                      do not ask
            --plan                     show what would be done and stop
        -t, --timeout <time>           one deadline for the whole command: 90, 5m, 1h
            --workspace <dir>          the workspace, instead of the one found upwards
            --set <section.key=value>  a value of the configuration, for this run
            --no-color                 no colour, whatever the terminal can
        -h, --help                     show this

      Examples:
        restage undo  twice: and it is loaded again
      exit 0"
    `);
  });
});

test('the version', async () => {
  expect(await see('restage --version')).toMatchInlineSnapshot(`
    "$ restage --version
    restage 0.0.0
    exit 0"
  `);
  expect(await see('restage -V')).toContain('restage 0.0.0');
});

test('doctor shows what is here and what is not, with the remedy, and ends with 4 only if it is required', async () => {
  const check = (over: Partial<Check>): Check => ({
    ...{ area: 'program', id: 'x', summary: 'does it', probe: async () => ({ available: true }), ...over },
  });
  const missing = { available: false, reason: 'not in PATH' } as const;
  const optional = [
    check({ id: 'git', probe: async () => ({ available: true, note: '2.39' }) }),
    check({ id: 'strace', summary: 'traces', remedy: 'apt-get install strace', probe: async () => missing }),
  ];
  expect(await see('restage doctor', { engine: general({ checks: async () => optional }) })).toMatchInlineSnapshot(`
    "$ restage doctor
    AREA     WHAT       HERE  ABOUT
    program  git        yes   2.39
    program  strace     no    traces: not in PATH; apt-get install strace
    store    workspace  no    an experiment that can be saved: there is no .restage/ in DIR or above; Make one here with \`restage init\`

    1 of 3 work here; nothing that is required is missing
    exit 0"
  `);
  const required = [...optional, check({ id: 'node', required: true, probe: async () => missing })];
  const shown = await see('restage doctor --json', { engine: general({ checks: async () => required }) });
  expect(shown).toContain('"ok":false');
  expect(shown).toMatch(/exit 4$/);
});
