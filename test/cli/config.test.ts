import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { transcript } from '../rig/cli.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';

async function config(
  line: string,
  files: Readonly<Record<string, string>>,
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  using directory = temporaryDirectory();
  for (const [path, text] of Object.entries({ '.restage/store.json': '{}', 'deep/x': '', ...files })) {
    mkdirSync(dirname(join(directory.path, path)), { recursive: true });
    writeFileSync(join(directory.path, path), text);
  }
  const shown = await transcript(line, { directory: directory.path, variables });
  return shown.replaceAll(directory.path, 'DIR');
}

test('later files, variables and flags redefine single values, and each value shows its origin', async () => {
  expect(
    await config(
      'restage --set x.e=5 config x',
      {
        '.home/.rhubarbe.conf': '[x]\na = 1\nb = 1\nc = 1\nd = 1\ne = 1\n',
        'rhubarbe.conf.local': '[x]\nb = 2\n',
        '.home/.config/restage/restage.conf': '[x]\nc = 3\nd = 3\n',
        'restage.conf': '# mine\n[x]\nd = 4\n',
      },
      { RESTAGE_X_D: 'v' },
    ),
  ).toMatchInlineSnapshot(`
    "$ restage --set x.e=5 config x
    KEY  VALUE  ORIGIN
    x.a  1      DIR/.home/.rhubarbe.conf:2
    x.b  2      DIR/rhubarbe.conf.local:2
    x.c  3      DIR/.home/.config/restage/restage.conf:2
    x.d  v      RESTAGE_X_D
    x.e  5      --set
    exit 0"
  `);
});

test('one value for scripts', async () => {
  expect(await config('restage config store.mirror --json', { 'restage.conf': '[store]\nmirror = /b\n' }))
    .toMatchInlineSnapshot(`
    "$ restage config store.mirror --json
    {"schema":"restage/configuration/1","values":[{"section":"store","key":"mirror","origin":"DIR/restage.conf:2","value":"/b"}]}
    exit 0"
  `);
});

test('quotes stay in a file of rhubarbe, with a warning', async () => {
  expect(await config('restage config testbed.name', { 'rhubarbe.conf': '[testbed]\nname = "R2lab"\n' }))
    .toMatchInlineSnapshot(`
    "$ restage config testbed.name
    ! restage: DIR/rhubarbe.conf:2: the quotes are part of the value of testbed.name, as rhubarbe has it
    KEY           VALUE    ORIGIN
    testbed.name  "R2lab"  DIR/rhubarbe.conf:2
    exit 0"
  `);
});

test('a file that cannot be read is one line with file and line', async () => {
  expect(await config('restage config', { 'restage.conf': '[store]\n\nmirror\n' })).toMatchInlineSnapshot(`
    "$ restage config
    ! restage: DIR/restage.conf:3: neither [section] nor key = value: "mirror"
    ! hint: Write \`key = value\` in line 3, or begin it with # to make it a comment
    exit 2"
  `);
});

test('a password is not shown', async () => {
  expect(
    await config('restage config r2labapi', { 'rhubarbe.conf': '[r2labapi]\npassword = hunter2\n' }),
  ).not.toContain('hunter2');
});

test('a name that nobody set is config/unknown, also for scripts', async () => {
  expect(await config('restage config nothing.at-all --json', {})).toMatch(/"code":"config\/unknown","exit":2/);
});

test('a name that nobody set says what was meant', async () => {
  expect(await config('restage config store.miror', { 'restage.conf': '[store]\nmirror = /b\n' }))
    .toMatchInlineSnapshot(`
    "$ restage config store.miror
    ! restage: nothing is set for store.miror
    ! hint: Did you mean store.mirror
    exit 2"
  `);
});
