import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LIMITS, testbed, type Testbed } from './rig/testbed.ts';

const INVENTORY = `testbed: t
groups: {edge: "1,3"}
nodes:
  fit01: {number: 1, power: [{driver: cmc, host: reboot01}]}
  fit02: {number: 2, power: [{driver: cmc, host: reboot02}], agent: sim}
  fit03: {number: 3}
`;

describe('which nodes are meant', () => {
  test.each([
    { words: ['fit1-reboot2'], all: false, variables: {}, names: 'fit01 fit02', why: 'prefixes of names and cards' },
    { words: ['1', '3,~1'], all: false, variables: {}, names: 'fit03', why: 'several words' },
    { words: [], all: false, variables: { NODES: '2-3' }, names: 'fit02 fit03', why: 'no words mean NODES' },
    { words: ['1'], all: false, variables: { NODES: '2-3' }, names: 'fit01', why: 'words win over NODES' },
    { words: ['~2'], all: true, variables: {}, names: 'fit01 fit03', why: '-a puts all first' },
    {
      words: ['~1'],
      all: true,
      variables: { ALL_NODES: '1-2' },
      names: 'fit02',
      why: '-a means ALL_NODES if there is one',
    },
    { words: ['@edge'], all: false, variables: {}, names: 'fit01 fit03', why: 'a group' },
  ])('$why', async ({ words, all, variables, names }) => {
    await using bed = await withInventory(variables);
    const { nodes } = await bed.commands.select({ words, all, whenEmpty: 'variable' });
    expect(nodes.map(({ name }) => name).join(' ')).toBe(names);
  });

  test('a scope of the site stands for all nodes, and --except takes away without a tilde', async () => {
    await using bed = await withInventory({}, { 'testbed.all_scope': '1-2' });
    const { nodes } = await bed.commands.select({ words: [], all: true, except: '1', whenEmpty: 'variable' });
    expect(nodes.map(({ name }) => name)).toEqual(['fit02']);
  });

  test('nothing typed and nothing left are errors', async () => {
    await using bed = await withInventory({});
    const select = (words: readonly string[]) => bed.commands.select({ words, all: false, whenEmpty: 'variable' });
    await expect(select([])).rejects.toMatchObject({ code: 'selector/empty' });
    await expect(select(['1', '~1'])).rejects.toMatchObject({ code: 'selector/empty' });
  });
});

test('a node that nothing here can write or boot is refused before its power is touched', async () => {
  await using bed = await testbed(1);
  const { context } = bed.rig;
  const path = join(bed.state, 'lab/inventory.yaml');
  const inventory = await context.files.readText(path);
  const load = () => bed.commands.load(['fit01'], 'fedora-36', { ...LIMITS, check: 'never' }, () => undefined);
  const boot = await context.files.readText(join(bed.state, 'lab/nodes/fit01.json'));

  writeFileSync(path, inventory.replace('agent: sim', 'agent: frisbee'));
  expect(await load()).toMatchObject([{ ok: false, code: 'no-agent' }]);
  writeFileSync(path, inventory.replace('- driver: sim', '- driver: pxelinux'));
  expect(await load()).toMatchObject([{ ok: false, code: 'arm-failed' }]);
  expect(await context.files.readText(join(bed.state, 'lab/nodes/fit01.json'))).toBe(boot);
});

test('a driver that the inventory names and this restage does not have is named', async () => {
  await using bed = await testbed(0);
  const node = (rest: string) => `testbed: t\nnodes:\n  a1: {number: 1, ${rest}}\n`;
  writeFileSync(join(bed.rig.path, 'inventory.yaml'), node('power: [{driver: ipmi, host: h}]'));
  await expect(bed.commands.status(['a1'], LIMITS)).rejects.toMatchObject({ code: 'node/no-driver' });
  writeFileSync(join(bed.rig.path, 'inventory.yaml'), node('ssh: {driver: telepathy}'));
  const waiting = bed.commands.wait(['a1'], LIMITS, 10, () => undefined);
  await expect(waiting).rejects.toMatchObject({ code: 'node/no-driver' });
});

async function withInventory(
  variables: Readonly<Record<string, string>>,
  settings: Readonly<Record<string, string>> = {},
): Promise<Testbed> {
  const bed = await testbed(0, { variables, settings });
  writeFileSync(join(bed.rig.path, 'inventory.yaml'), INVENTORY);
  return bed;
}
