import { describe } from 'vitest';
import { distributions } from '../../../src/environment/distributions/list.ts';
import { hasTool } from '../../rig/has-tool.ts';
import { environmentRig, initGit, writeNpmPackage, writeNpmProject, writePythonPackage } from '../rig.ts';
import { distributionContract, type DistributionRig } from './contract.ts';

const RIGS: Readonly<Record<string, DistributionRig & { readonly tool: readonly [string, readonly string[]] }>> = {
  apt: {
    tool: ['dpkg', ['--version']],
    root: '/',
    start: () => environmentRig({ drivers: distributions.filter(({ id }) => id === 'apt') }),
  },
  git: {
    tool: ['git', ['--version']],
    root: 'app',
    start: async () => {
      const rig = await environmentRig();
      initGit(rig, 'app');
      rig.write('app/src/x.js', 'work\n');
      rig.write('app/untracked', 'u\n');
      return rig;
    },
    change: (rig) => {
      rig.write('app/src/x.js', 'wrecked\n');
      rig.write('app/b.txt', 'b\n');
      rig.git('app', 'add', 'b.txt');
      rig.git('app', 'commit', '--quiet', '--message', 'second');
      rig.remove('app/untracked');
    },
  },
  npm: {
    tool: ['true', []],
    root: 'app',
    start: async () => {
      const rig = await environmentRig();
      writeNpmProject(rig, 'app', { 'left-pad': '1.3.0', 'other': '2.0.0' });
      return rig;
    },
    change: (rig) => {
      writeNpmPackage(rig, 'app/node_modules/left-pad', '1.2.0');
      rig.remove('app/node_modules/other');
      rig.write('app/package.json', '{}');
    },
  },
  venv: {
    tool: ['true', []],
    root: 'app/.venv',
    start: async () => {
      const rig = await environmentRig();
      rig.write('app/.venv/pyvenv.cfg', 'home = /usr/bin\nversion = 3.11.2\n');
      rig.write('app/.venv/bin/activate', '# activate\n');
      writePythonPackage(rig, 'app/.venv/lib/python3.11/site-packages', 'calibration', '1.0.0');
      return rig;
    },
    change: (rig) => {
      writePythonPackage(rig, 'app/.venv/lib/python3.11/site-packages', 'calibration', '2.0.0');
      rig.remove('app/.venv/bin');
    },
  },
};

for (const driver of distributions) {
  const rig = RIGS[driver.id];
  if (!rig) throw new Error(`${driver.id} has no rig: what no test has seen run does not ship`);
  describe.skipIf(!hasTool(...rig.tool))(`the distribution ${driver.id}`, () => {
    distributionContract(driver, rig);
  });
}
