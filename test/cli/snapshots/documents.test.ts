import { describe, expect, test } from 'vitest';
import { changedRig, typeAt } from '../../rig/hall.ts';

describe('with --json', () => {
  test.each([
    { line: 'restage save y --json', schema: 'restage/save/1' },
    { line: 'restage view x --json', schema: 'restage/view/1' },
    { line: 'restage diff x --json', schema: 'restage/diff/1' },
    { line: 'restage list --json', schema: 'restage/list/1' },
    { line: 'restage log --json', schema: 'restage/log/1' },
    { line: 'restage load x --plan --json', schema: 'restage/plan/1' },
    { line: 'restage load x --yes --json', schema: 'restage/load/1' },
    { line: 'restage verify x --json', schema: 'restage/verify/1' },
    { line: 'restage verify --store --json', schema: 'restage/verify-store/1' },
    { line: 'restage export x --json', schema: 'restage/export/1' },
    { line: 'restage share x --json', schema: 'restage/share/1' },
    { line: 'restage gc --plan --json', schema: 'restage/gc/1' },
    { line: 'restage rm x --plan --json', schema: 'restage/rm/1' },
    { line: 'restage rm x --yes --json', schema: 'restage/rm/1' },
    { line: 'restage init --json', schema: 'restage/init/1' },
  ])('$line is one document of $schema', async ({ line, schema }) => {
    await using rig = await changedRig();
    const shown = (await typeAt(rig, [line])).split('\n');
    const stdout = shown.filter((text) => !/^(\$|!|exit) ?/.test(text));
    expect(shown.filter((text) => text.startsWith('!'))).toEqual([]);
    expect(stdout).toHaveLength(1);
    expect(JSON.parse(stdout[0] ?? '')).toMatchObject({ schema });
  });
});

test('a refusal is a document too, on stderr', async () => {
  await using rig = await changedRig();
  const shown = (await typeAt(rig, ['restage load x --json'])).split('\n');
  const stderr = shown.filter((line) => line.startsWith('! ')).map((line) => line.slice(2));
  expect(stderr, 'and nothing else').toHaveLength(1);
  expect(JSON.parse(stderr[0] ?? '')).toMatchObject({ code: 'cli/not-confirmed' });
  expect(shown.at(-1)).toBe('exit 3');
});

test.each([
  { line: 'restage verify', exit: 2, why: 'neither a snapshot nor the store' },
  { line: 'restage diff live', exit: 2, why: 'now and now' },
  { line: 'restage load x --only moon', exit: 2, why: 'no such layer' },
  { line: 'restage load nothing', exit: 4, why: 'no such snapshot' },
  { line: 'restage undo', exit: 4, why: 'nothing to undo' },
  { line: 'restage log --limit 0', exit: 2, why: 'no such number' },
])('$line ends with $exit: $why', async ({ line, exit }) => {
  await using rig = await changedRig();
  expect(await typeAt(rig, [line])).toMatch(new RegExp(`exit ${exit}$`));
});
