import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { captureSession } from '../../src/session/capture.ts';
import { findSecret, hideInArguments, hideInVariables, maskText } from '../../src/session/secrets.ts';
import { sessionRig, until } from '../rig/session.ts';
import { StartRequest } from '../../src/model/session-request.ts';

const TOKEN = `ghp_${'a'.repeat(36)}`;

describe('hideInArguments', () => {
  test.each([
    {
      argv: ['x', 'password=a b'],
      templates: ['x', 'password=${secret:u.password}'],
      secrets: { 'u.password': 'a b' },
      why: 'a key',
    },
    {
      argv: ['x', '--api-key=k'],
      templates: ['x', '--api-key=${secret:u.api-key}'],
      secrets: { 'u.api-key': 'k' },
      why: 'an option with its value',
    },
    {
      argv: ['x', '--password', 'pw'],
      templates: ['x', '--password', '${secret:u.password}'],
      secrets: { 'u.password': 'pw' },
      why: 'an option before its value',
    },
    {
      argv: ['x', '--password', '--verbose'],
      templates: ['x', '--password', '--verbose'],
      secrets: {},
      why: 'an option is no value',
    },
    {
      argv: ['x', TOKEN],
      templates: ['x', '${secret:u.argument-1}'],
      secrets: { 'u.argument-1': TOKEN },
      why: 'the shape of a token',
    },
    {
      argv: ['x', 'amqp://me:pw@h/v'],
      templates: ['x', 'amqp://me:${secret:u.argument-1}@h/v'],
      secrets: { 'u.argument-1': 'pw' },
      why: 'a password in a URL',
    },
    {
      argv: ['x', 'token=a', 'token=b', 'token=a'],
      templates: ['x', 'token=${secret:u.token}', 'token=${secret:u.token.2}', 'token=${secret:u.token}'],
      secrets: { 'u.token': 'a', 'u.token.2': 'b' },
      why: 'two of one name',
    },
    {
      argv: ['x', 'password=${secret:mine}'],
      templates: ['x', 'password=${secret:mine}'],
      secrets: {},
      why: 'what is hidden already',
    },
    { argv: ['x', 'password='], templates: ['x', 'password='], secrets: {}, why: 'nothing to hide' },
    {
      argv: ['x', '-p', '80', 'username=me'],
      templates: ['x', '-p', '80', 'username=me'],
      secrets: {},
      why: 'no secret',
    },
    {
      argv: ['x', 'password=a$${b'],
      templates: ['x', 'password=${secret:u.password}'],
      secrets: { 'u.password': 'a${b' },
      why: 'the value is kept as it is meant',
    },
  ])('$argv: $why', ({ argv, templates, secrets }) => {
    const hidden = hideInArguments(argv, 'u');
    expect(Object.fromEntries(hidden.secrets)).toEqual(secrets);
    expect(hidden.templates).toEqual(templates);
  });
});

test('hideInVariables hides by key and by shape', () => {
  const hidden = hideInVariables({ DB_PASSWORD: 'pw', PATH: '/bin', GH: TOKEN, EMPTY_TOKEN: '' }, 'u');
  expect(hidden.templates).toEqual({
    DB_PASSWORD: '${secret:u.DB_PASSWORD}',
    PATH: '/bin',
    GH: '${secret:u.GH}',
    EMPTY_TOKEN: '',
  });
  expect(Object.fromEntries(hidden.secrets)).toEqual({ 'u.DB_PASSWORD': 'pw', 'u.GH': TOKEN });
});

test('findSecret looks into the file first, then for a variable', () => {
  const variables = { RESTAGE_SECRET_MASTER_TWS_PASSWORD: 'v' };
  expect(findSecret('master.tws.password', new Map([['master.tws.password', 'f']]), variables)).toBe('f');
  expect(findSecret('master.tws.password', new Map(), variables)).toBe('v');
  expect(findSecret('other', new Map(), variables)).toBeUndefined();
});

test('maskText masks known values, longest first, and what looks like a secret', () => {
  expect(maskText('a geheim geheimer password=x', ['geheim', 'geheimer', ''])).toBe('a *** *** password=***');
});

test('no byte of a workspace but etc/secrets.yaml has a secret that was typed; nothing that is shown has one', async () => {
  await using rig = await sessionRig();
  const words = ['kornblume', 'rittersporn', 'fingerhut', 'eisenhut'];
  const [inUri = '', inArgument = '', inVariable = '', inUrl = ''] = words;
  const uri = `exec://localhost/bin/sh?-c&echo%20%22$1%22;sleep%20600&sh&password=${inUri}`;
  await rig.session.start({ ...StartRequest.parse({ uri, alias: 'tws' }), directory: rig.path });
  const { units } = await rig.start(['sh', '-c', 'sleep 600', `--token=${inArgument}`, `http://me:${inUrl}@h/`], {
    alias: 'web',
    env: [`DB_PASSWORD=${inVariable}`],
  });
  const { name: tws } = await rig.view('tws');
  await until('it has printed', () => rig.read(`out/${tws}.out`) === `password=${inUri}\n`);
  const environ = rig.context.proc.text(units[0]?.pid ?? 0, 'environ') ?? '';
  expect(environ, 'the program itself has it').toContain(`DB_PASSWORD=${inVariable}\0`);
  expect(rig.context.proc.text(units[0]?.pid ?? 0, 'cmdline')).toContain(`--token=${inArgument}`);
  // What a user's own program prints stands in its log as printed.
  const files = filesBelow(rig.path).filter((file) => file !== `out/${tws}.out`);
  const found = files.filter((file) => words.some((word) => rig.read(file).includes(word) || file.includes(word)));
  expect(found).toEqual(['etc/secrets.yaml']);
  expect(statSync(join(rig.path, 'etc/secrets.yaml')).mode & 0o777).toBe(0o600);
  const lines = [];
  for await (const line of rig.session.logs({
    units: ['tws', 'web'],
    out: false,
    err: false,
    lines: 50,
    follow: false,
  }))
    lines.push(line);
  expect(lines).toMatchObject([{ line: 'password=***' }]);
  const shown = JSON.stringify([
    await rig.session.show({ units: [], fp: true }),
    await captureSession(rig.context, new Map()),
    lines,
    units,
  ]);
  for (const word of words) expect(shown).not.toContain(word);
});

test('a secret that somebody wrote into a file of etc/ does not get into a body, and is said', async () => {
  await using rig = await sessionRig();
  await rig.start(['sleep', '600'], { alias: 'a' });
  const { name } = await rig.view('a');
  rig.write(`etc/${name}.yaml`, rig.read(`etc/${name}.yaml`).replace('env:', 'env:\n  set: {API_TOKEN: kornblume}'));
  const { body, unresolved } = await captureSession(rig.context, new Map());
  expect(JSON.stringify(body)).not.toContain('kornblume');
  expect(body.units[name]?.definition.env.set).toEqual({ API_TOKEN: '${secret:a.API_TOKEN}' });
  expect(unresolved).toMatchObject([{ item: 'a' }]);
});

test('a secret that nobody knows is named, and nothing is started', async () => {
  await using rig = await sessionRig();
  await rig.session.start({
    ...StartRequest.parse({ uri: 'exec://localhost/bin/sleep?600', alias: 'a', env: ['A=1'] }),
    directory: rig.path,
  });
  await rig.session.stop({ units: ['a'], all: false });
  const { name } = await rig.view('a');
  rig.write(`etc/${name}.yaml`, rig.read(`etc/${name}.yaml`).replace('A: "1"', 'A: ${secret:vault.key}'));
  const start = rig.session.start({ ...StartRequest.parse({ units: ['a'] }), directory: rig.path });
  await expect(start).rejects.toMatchObject({
    code: 'session/secret',
    message: expect.stringContaining('vault.key') as string,
  });
});

function filesBelow(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    if (!entry.isFile()) return [];
    return [join(entry.parentPath, entry.name).slice(root.length + 1)];
  });
}

test('the file of secrets keeps its comments', async () => {
  await using rig = await sessionRig();
  rig.write('etc/secrets.yaml', '# mine\nother: geheim # keep\n', 0o600);
  await rig.start(['sleep', '600', '--password=kornblume'], { alias: 'a' });
  expect(readFileSync(join(rig.path, 'etc/secrets.yaml'), 'utf8')).toBe(
    '# mine\nother: geheim # keep\na.password: kornblume\n',
  );
});
