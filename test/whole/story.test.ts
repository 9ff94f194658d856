import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Difference } from '../../src/model/plan.ts';
import { runRestage } from '../rig/cli.ts';
import { startExperiment, type Experiment } from '../rig/experiment.ts';

test('what was changed by hand is named, put back, and brought back again', { timeout: 180_000 }, async () => {
  await using experiment = await startExperiment();
  const { restage, write, read } = experiment;
  await restage(['save', 'a']);
  expect(await differences(experiment, 0)).toEqual([]);

  experiment.installFilter('2.0.0');
  write('app/main.js', 'spoiled\n');
  process.kill(await experiment.pidOf('worker'), 'SIGKILL');
  await restage(['nodes', 'off', '2', '--yes']);
  await restage(['data', 'put', 'qplan raw'], { input: 'second data\n' });

  const changed = [
    'nodes changed power fit02',
    'environment changed git app main.js',
    'environment changed npm app filter',
    'data changed stream qplan/raw',
    'session changed unit worker',
  ];
  expect(await differences(experiment, 1)).toEqual(changed);

  const { stdout } = await restage(['load', 'a', '--plan', '--json']);
  const plan = JSON.parse(stdout) as { steps: readonly { layer: string }[] };
  expect(plan.steps.map(({ layer }) => layer)).toEqual(['nodes', 'environment', 'environment', 'data', 'session']);
  expect(await differences(experiment, 1), 'a plan touches nothing').toEqual(changed);

  await restage(['load', 'a', '--yes']);
  expect(await differences(experiment, 0)).toEqual([]);
  expect(read('app/main.js')).toBe('first\nand uncommitted work\n');
  expect(read('app/node_modules/filter/index.js')).toContain('1.0.0');

  const again = await restage(['load', 'a', '--yes', '--json']);
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'nothing', steps: [] });

  await restage(['undo', '--yes']);
  expect(await differences(experiment, 1), 'undo brings the changed state back').toEqual(changed);
  expect(read('app/main.js')).toBe('spoiled\n');
});

test(
  'a snapshot is a file that may be renamed, and a bundle that another store takes in',
  { timeout: 180_000 },
  async () => {
    await using experiment = await startExperiment(2);
    const { restage, directory } = experiment;
    await restage(['save', 'a']);
    const before = JSON.parse((await restage(['view', 'a', '--json'])).stdout) as { digest: string };
    await restage(['export', 'a', '-o', 'a.tar']);
    renameSync(join(directory, 'a.snap'), join(directory, 'b.snap'));
    for (const name of ['b', './b.snap', 'b.snap', 'a@latest']) {
      expect(JSON.parse((await restage(['view', name, '--json'])).stdout), name).toMatchObject({
        digest: before.digest,
      });
    }

    const elsewhere = join(directory, 'elsewhere');
    mkdirSync(elsewhere);
    const there = { cwd: elsewhere };
    expect((await runRestage(['init'], there)).status).toBe(0);
    const imported = await runRestage(['import', '../a.tar'], there);
    expect(imported.status, imported.stderr).toBe(0);
    expect(existsSync(join(elsewhere, 'a.snap'))).toBe(true);
    const viewed = await runRestage(['view', 'a', '--json'], there);
    expect(JSON.parse(viewed.stdout)).toMatchObject({ digest: before.digest });
    const verified = await runRestage(['verify', 'a'], there);
    expect(verified.status, verified.stderr).toBe(0);
  },
);

/** What `diff a live` names, a line each. */
async function differences({ restage }: Experiment, expected: number): Promise<string[]> {
  const { stdout } = await restage(['diff', 'a', 'live', '--json'], { expect: expected });
  const document = JSON.parse(stdout) as { readonly differences: readonly Difference[] };
  return document.differences.map(({ layer, change, type, item }) => `${layer} ${change} ${type} ${item}`);
}
