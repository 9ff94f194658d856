import { join } from 'node:path';
import { expect, test } from 'vitest';
import { homeVariables } from '../rig/cli.ts';
import { startExperiment, type Experiment } from '../rig/experiment.ts';
import { runKilledAt } from '../rig/kill-at.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';

const PROGRAM = join(import.meta.dirname, '../../dist/main.js');

/** At every effect, which takes an hour, and not only at some of them. */
const SWEEPS_ALL = process.env['RESTAGE_TEST_SWEEP'] === 'all';
const RUNS = 4;

test('a load of all four real layers that is killed is finished by the next', { timeout: 3_600_000 }, async () => {
  await using experiment = await startExperiment(2);
  using scratch = temporaryDirectory();
  const { restage, directory, read } = experiment;
  const killLoad = (at: number) =>
    runKilledAt(at, PROGRAM, ['load', 'a', '--yes', '--workspace', directory], scratch.path, homeVariables(directory));
  await restage(['save', 'a']);

  await wreck(experiment, 0);
  const whole = await killLoad(0);
  expect(whole.status, whole.stderr).toBe(0);
  const runs = SWEEPS_ALL ? whole.effects : RUNS;
  for (let index = 0; index < runs; index++) {
    await wreck(experiment, index + 1);
    const at = 1 + Math.floor((index * whole.effects) / runs);
    expect((await killLoad(at)).killed).toBe(true);
    await restage(['load', 'a', '--yes']);
    await restage(['diff', 'a', 'live']);
    expect(read('app/main.js'), `killed at ${at}`).toBe('first\nand uncommitted work\n');
    expect(JSON.parse((await restage(['verify', '--store', '--json'])).stdout)).toMatchObject({ damaged: [] });
  }
});

/** Changes every layer, differently each time. */
async function wreck(experiment: Experiment, round: number): Promise<void> {
  const { restage, write, installFilter, pidOf } = experiment;
  installFilter(`2.0.${round}`);
  write('app/main.js', `spoiled ${round}\n`);
  process.kill(await pidOf('worker'), 'SIGKILL');
  await restage(['nodes', 'off', '2', '--yes']);
  await restage(['data', 'put', 'qplan raw'], { input: `data of round ${round}\n` });
}
