import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportSnapshot } from '../../src/snapshot/export.ts';
import { findSnapshot } from '../../src/snapshot/find.ts';
import { save } from '../../src/snapshot/save.ts';
import { suspiciousTexts } from '../../src/snapshot/secrets.ts';
import { share } from '../../src/snapshot/share.ts';
import { load, snapshotRig } from '../rig/snapshots.ts';

const TOKEN = `ghp_${'a'.repeat(36)}`;

describe('suspiciousTexts', () => {
  test.each([
    { value: { [TOKEN]: { a: TOKEN } }, where: ['***', '***.a'], why: 'a name, which is not repeated' },
    { value: { a: [{ b: TOKEN }] }, where: ['a.0.b'], why: 'a token of a known shape' },
    { value: { url: 'https://rino:hunter2@example.org/x.git' }, where: ['url'], why: 'credentials in a URL' },
    { value: { argv: 'serve --password hunter2' }, where: ['argv'], why: 'an option that says so' },
    { value: { variables: { API_TOKEN: 'abc' } }, where: ['variables.API_TOKEN'], why: 'a variable that says so' },
    {
      value: { variables: { API_TOKEN: { value: 'abc', how: 'observed' } } },
      where: ['variables.API_TOKEN'],
      why: 'as a fact',
    },
    { value: { variables: { API_TOKEN: '***', PATH: '/bin' } }, where: [], why: 'what was redacted is gone' },
    { value: { variables: { API_TOKEN: `sha256:${'0'.repeat(64)}` } }, where: [], why: 'a digest gives nothing away' },
    {
      value: { packages: { 'passwd': '1:4.13', 'token-types': '5.0.0' } },
      where: [],
      why: 'names of packages are no variables',
    },
  ])('$why', ({ value, where }) => {
    expect(suspiciousTexts(value).map((found) => found.where)).toEqual(where);
  });
});

test.each([
  { items: { a: `token ${TOKEN}` }, message: undefined, where: 'data sha256:', why: 'in kept content' },
  { items: { [`a-${TOKEN}`]: 'x' }, message: undefined, where: 'data items.a-*** is named', why: 'in names' },
  { items: { a: 'x' }, message: 'password=hunter2', where: undefined, why: 'in the message, where save has put ***' },
])('share and export look for secrets $why', async ({ items, message, where }) => {
  await using rig = await snapshotRig();
  rig.write('data', items);
  await save({ name: 'x', ...(message !== undefined && { message }), settings: {} }, rig.context);
  const shared = share('x', rig.context);
  const exported = exportSnapshot({ snapshot: 'x', output: 'x.tar' }, rig.context);
  if (where === undefined) {
    await shared;
    await exported;
    return;
  }
  await expect(shared).rejects.toThrow(where);
  await expect(exported).rejects.toMatchObject({ code: 'snapshot/secret', details: { suspicions: [{}] } });
  expect(existsSync(rig.context.libraries.public), 'nothing was copied').toBe(false);
  await exportSnapshot({ snapshot: 'x', output: 'x.tar', acceptSecrets: true }, rig.context);
});

test('what is shared can be found and loaded by another workspace, content and all', async () => {
  await using rig = await snapshotRig();
  rig.write('data', { a: 'one' });
  await save({ name: 'x', settings: {} }, rig.context);
  const shared = await share('x', rig.context);
  expect(shared).toMatchObject({ name: 'x', file: join(rig.context.libraries.public, 'x.snap'), newBytes: 3 });
  await using other = await snapshotRig();
  const { libraries, openStore } = rig.context;
  const context = other.as({ libraries: { ...libraries, user: other.context.libraries.user }, openStore });
  other.write('data', { a: 'changed' });
  expect((await findSnapshot('x', context)).place).toBe('public');
  expect((await load('x', context)).outcome).toBe('loaded');
  expect(other.read('data')).toEqual({ a: 'one' });
});
