import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { NodeResult } from '../../src/model/node.ts';
import { LIMITS, testbed, type Testbed } from './rig/testbed.ts';

const QUICK = { limitMs: 1500 };

describe('a card that is broken', () => {
  test('is unknown and never off, whatever is wrong with it, and holds nobody else', async () => {
    await using bed = await testbed(6);
    await bed.commands.power(bed.names, 'off', LIMITS);
    const cards = { fit01: 'dead', fit02: 'hang', fit03: 'html', fit04: 'error', fit05: 'slow' } as const;
    await bed.break(Object.fromEntries(Object.entries(cards).map(([node, card]) => [node, { card }])));
    const broken = { ok: false, power: 'unknown' };
    expect(await bed.commands.status(bed.names, { limitMs: 9000 })).toMatchObject([
      { node: 'fit01', ...broken, code: 'power-unknown', detail: expect.stringMatching(/does not answer/) as string },
      { node: 'fit02', ...broken, code: 'power-unknown', detail: expect.stringMatching(/no answer in 3 s/) as string },
      {
        node: 'fit03',
        ...broken,
        code: 'power-unknown',
        detail: expect.stringMatching(/answers "<!DOCTYPE/) as string,
      },
      { node: 'fit04', ...broken, code: 'power-unknown', detail: expect.stringMatching(/status 500/) as string },
      { node: 'fit05', ok: true, power: 'off' },
      { node: 'fit06', ok: true, power: 'off' },
    ]);
    await bed.break({ fit01: { card: 'dead' }, fit03: { card: 'html' } });
    const on = await bed.commands.power(['fit01', 'fit06'], 'on', LIMITS);
    expect(on).toMatchObject([
      { node: 'fit01', ok: false, code: 'power-unknown' },
      { node: 'fit06', ok: true, power: 'on', changed: true },
    ]);
    const failed = await bed.commands.select({ words: ['@failed'], all: false, whenEmpty: 'variable' });
    expect(failed.nodes.map(({ name }) => name)).toEqual(['fit01']);
    const off = await bed.commands.select({ words: ['@off'], all: false, whenEmpty: 'variable' });
    expect(off.nodes.map(({ name }) => name)).toEqual(['fit02', 'fit04', 'fit05']);
    expect(off.warnings).toEqual(['power unknown, so neither on nor off: fit01 fit03']);
  });

  test('that accepts and does nothing has failed, and one that is too slow is late', async () => {
    await using bed = await testbed(2);
    await bed.break({ fit01: { card: 'stuck' }, fit02: { card: 'hang' } });
    const [stuck, late] = await Promise.all([
      bed.commands.power(['fit01'], 'off', LIMITS),
      bed.commands.power(['fit02'], 'off', QUICK),
    ]);
    expect(stuck).toMatchObject([
      { ok: false, code: 'power-failed', detail: 'its card accepts off and still says on' },
    ]);
    expect(late).toMatchObject([{ ok: false, code: 'deadline-passed', detail: 'it was not done in 1.5 s' }]);
    expect(readdirSync(join(bed.state, 'locks')), 'no lock is left').toEqual([]);
  });
});

describe('a node that fails while it is loaded', () => {
  test('does not hold the others, and a disk written half-way does not boot', async () => {
    await using bed = await testbed(3);
    await bed.break({ fit01: { agent: { dieAtBlock: 4 } }, fit02: { agent: 'corrupt' } });
    const order: string[] = [];
    const results = await load(bed, bed.names, LIMITS, ({ node }) => order.push(node));
    expect(results).toMatchObject([
      { node: 'fit01', ok: false, code: 'write-failed' },
      { node: 'fit02', ok: false, code: 'digest-mismatch' },
      { node: 'fit03', ok: true, image: 'fedora-36' },
    ]);
    expect(order).toHaveLength(3);
    expect(boots(bed), 'no boot entry is left').toEqual([]);
    expect(existsSync(join(bed.state, 'loaded/fit01.json')), 'nothing is known of a half-written disk').toBe(false);

    await bed.commands.power(['fit01'], 'reset', LIMITS);
    expect(await bed.commands.wait(['fit01'], QUICK, 100, ignore)).toMatchObject([{ ok: false, code: 'ssh-timeout' }]);

    await bed.break({});
    expect(await load(bed, ['1-2'], LIMITS)).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await bed.commands.wait(bed.names, LIMITS, 50, ignore)).toMatchObject([
      { ok: true },
      { ok: true },
      { ok: true },
    ]);
  });

  test('is disarmed when its agent never comes up, and says so', async () => {
    await using bed = await testbed(1, { settings: { 'nodes.boot_timeout': '0.3' } });
    await bed.break({ fit01: { boot: 'hang' } });
    expect(await load(bed, ['fit01'], LIMITS)).toMatchObject([{ ok: false, code: 'boot-timeout' }]);
    expect(boots(bed)).toEqual([]);
  });

  test('is disarmed and unlocked when its time is over', async () => {
    await using bed = await testbed(1);
    await bed.break({ fit01: { boot: 'hang' } });
    expect(await load(bed, ['fit01'], QUICK)).toMatchObject([{ ok: false, code: 'deadline-passed' }]);
    expect(boots(bed)).toEqual([]);
    expect(readdirSync(join(bed.state, 'locks'))).toEqual([]);
  });

  test('an interrupted load disarms and unlocks before it ends', async () => {
    await using bed = await testbed(1);
    await bed.break({ fit01: { boot: 'hang' } });
    const loading = load(bed, ['fit01'], LIMITS);
    await new Promise((done) => setTimeout(done, 300));
    bed.rig.abort(new Error('stop'));
    await expect(loading).rejects.toThrow('stop');
    expect(boots(bed)).toEqual([]);
    expect(readdirSync(join(bed.state, 'locks'))).toEqual([]);
  });
});

test('two runs on one node: the second is told who works on it', async () => {
  await using bed = await testbed(2);
  await bed.break({ fit01: { boot: 'slow' } });
  const first = load(bed, ['fit01'], LIMITS);
  await new Promise((done) => setTimeout(done, 300));
  expect(await bed.commands.power(['fit01', 'fit02'], 'off', LIMITS)).toMatchObject([
    { node: 'fit01', ok: false, code: 'lock-held', detail: expect.stringMatching(/works on it \(run r-/) as string },
    { node: 'fit02', ok: true },
  ]);
  expect(await first).toMatchObject([{ ok: true, image: 'fedora-36' }]);
});

async function load(
  bed: Testbed,
  words: readonly string[],
  limits: { readonly limitMs: number },
  report: (result: NodeResult) => void = ignore,
) {
  const { nodes } = await bed.commands.select({ words, all: false, whenEmpty: 'variable' });
  const names = nodes.map(({ name }) => name);
  return bed.commands.load(names, 'fedora-36', { ...limits, check: 'never' }, report);
}

function boots({ state }: Testbed): string[] {
  return readdirSync(join(state, 'lab/boot'));
}

function ignore(): void {
  // What is reported is looked at in the results.
}
