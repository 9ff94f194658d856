import { describe, expect, test } from 'vitest';
import { UnitDefinition } from '../../src/model/session.ts';
import { parseDefinition, readDeclarations, renderDefinition } from '../../src/session/definition.ts';
import { sessionRig } from '../rig/session.ts';

const TEXT = `# the gateway
name: yellow-panda # never change
alias: master.tws
uri: exec://localhost/bin/sleep?600

# when the market is open
restart: 1
env:
  set:
    PORT: "7496" # paper
    MODE: a
`;

describe('renderDefinition', () => {
  test('changes what differs and keeps comments, order and what says a default', () => {
    const read = parse(TEXT);
    const changed = UnitDefinition.parse({
      ...read,
      restart: 'no',
      env: { ...read.env, set: { PORT: '7497', NEW: 'x' } },
    });
    expect(renderDefinition(changed, TEXT)).toBe(`# the gateway
name: yellow-panda # never change
alias: master.tws
uri: exec://localhost/bin/sleep?600

# when the market is open
restart: 0
env:
  set:
    PORT: "7497" # paper
    NEW: x
shutdown: 1
`);
    expect(parse(renderDefinition(changed, TEXT))).toEqual(changed);
  });

  test('of a new unit says what matters and leaves defaults out', () => {
    const definition = UnitDefinition.parse({
      name: 'yellow-panda',
      uri: 'exec://localhost/bin/sleep?600',
      env: { captured: { PATH: '/bin' } },
    });
    expect(renderDefinition(definition)).toMatchInlineSnapshot(`
      "# Yours to edit: restage keeps comments. A change takes effect when the unit is started again.

      name: yellow-panda
      uri: exec://localhost/bin/sleep?600
      env:
        captured:
          PATH: /bin
      restart: 0
      shutdown: 1
      "
    `);
    expect(parse(renderDefinition(definition))).toEqual(definition);
  });
});

describe('parseDefinition', () => {
  test.each([
    { text: 'name: a-b\nuri: exec://h/x\nretsart: 1\n', line: 1, why: /retsart/ },
    { text: 'name: a-b\nuri: exec://h/x\nrestart: maybe\n', line: 3, why: /restart.*on-failure/ },
    { text: 'name: a-b\nuri: exec://h/x\nalias: "a:b"\n', line: 3, why: /alias/ },
    { text: 'name: a-b\nuri: [\n', line: 3, why: /./ },
    { text: 'uri: nonsense\n', line: 1, why: /no URI/ },
    { text: 'name: a-b\nuri: exec://h/x\nstop: {signals: [TERM]}\n', line: 3, why: /TERM 10s/ },
    { text: '- a\n', line: 1, why: /mapping|expected/i },
  ])('$text is flawed at line $line', ({ text, line, why }) => {
    expect(parseDefinition(text, '/w/etc/a-b.yaml', [])).toMatchObject({
      line,
      why: expect.stringMatching(why) as string,
    });
  });

  test('a file written by hand has the name of its URI, and its own as alias', () => {
    expect(parseDefinition('uri: exec://localhost/bin/sleep?60\n', '/w/etc/clock.yaml', [])).toMatchObject({
      ...{ name: 'musical-jellyfish', alias: 'clock' },
    });
  });
});

test('a flawed file is reported and hides no other unit', async () => {
  await using rig = await sessionRig();
  rig.write('etc/good.yaml', 'uri: exec://localhost/bin/sleep?60\n');
  rig.write('etc/bad.yaml', 'uri: exec://localhost/bin/sleep?61\nrestart: [\n');
  rig.write('etc/twin.yaml', 'uri: exec://localhost/bin/sleep?60\n');
  const { units, flaws } = await readDeclarations(rig.context);
  expect(units.map(({ definition }) => definition.alias)).toEqual(['good']);
  expect(flaws.map(({ file }) => file.slice(rig.path.length))).toEqual(['/etc/bad.yaml', '/etc/twin.yaml']);
  await rig.session.start({ units: ['good'], directory: rig.path });
  expect(await rig.view('good')).toMatchObject({ status: 'running' });
  expect(rig.read('etc/good.yaml'), 'a hand-written file stays as it is').toBe('uri: exec://localhost/bin/sleep?60\n');
  await expect(rig.session.start({ units: ['bad'], directory: rig.path })).rejects.toMatchObject({
    code: 'session/definition',
  });
});

test('a unit whose file cannot be read any more keeps its last good definition', async () => {
  await using rig = await sessionRig();
  const { units } = await rig.start(['sleep', '600'], { alias: 'a' });
  const { name = '', pid } = units[0] ?? {};
  rig.write(`etc/${name}.yaml`, `${rig.read(`etc/${name}.yaml`)}restart: [\n`);
  const { units: views, flaws } = await rig.session.show({ units: [], fp: false });
  expect(views).toMatchObject([{ name, alias: 'a', status: 'running', pid }]);
  expect(flaws).toHaveLength(1);
  await expect(rig.start(['sleep', '600'], { restart: 'always' })).rejects.toMatchObject({
    code: 'session/definition',
  });
  await rig.session.stop({ units: ['a'], all: false });
  expect(rig.processes()).toEqual([]);
});

function parse(text: string): UnitDefinition {
  const read = parseDefinition(text, '/w/etc/x.yaml', []);
  if ('why' in read) throw new Error(`${read.line ?? '?'}: ${read.why}`);
  return read;
}
