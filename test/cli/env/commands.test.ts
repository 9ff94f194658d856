import { describe, expect, test } from 'vitest';
import { EnvironmentSpec } from '../../../src/model/environment.ts';
import {
  environmentRig,
  initGit,
  writeNpmPackage,
  writeNpmProject,
  type EnvironmentRig,
} from '../../environment/rig.ts';
import { transcript, typed, type TypedAt } from '../../rig/cli.ts';
import { hasTool } from '../../rig/has-tool.ts';

/** The line is typed in the workspace of the rig, over its layers and its store. */
function at(rig: EnvironmentRig): TypedAt {
  return {
    directory: rig.path,
    engine: ({ signal, emit }) => ({ snapshots: async () => ({ ...rig.context, signal, emit }) }),
  };
}

async function shown(rig: EnvironmentRig, ...lines: readonly string[]): Promise<string> {
  const texts: string[] = [];
  for (const line of lines) texts.push(await transcript(line, at(rig)));
  return texts
    .join('\n')
    .replaceAll(rig.path, 'WORK')
    .replace(/\b[0-9a-f]{10}\b/g, 'COMMIT')
    .replaceAll('→', '->')
    .replace(/ +$/gm, '');
}

async function project(): Promise<EnvironmentRig> {
  const rig = await environmentRig();
  rig.write('app/.gitignore', 'node_modules/\n');
  initGit(rig, 'app');
  writeNpmProject(rig, 'app', { 'left-pad': '1.3.0', 'same': '1.0.0' });
  rig.git('app', 'add', '.');
  rig.git('app', 'commit', '-qm', 'with npm');
  return rig;
}

describe.skipIf(!hasTool('git'))('restage env', () => {
  test('view shows the distributions of a kind, with their packages', async () => {
    await using rig = await project();
    rig.write('app/a.txt', 'changed\n');
    const text = await shown(rig, 'restage env view --only git npm --packages');
    expect(text.replace(/^.*, git, npm$/m, 'SYSTEM, git, npm')).toMatchInlineSnapshot(`
      "$ restage env view --only git npm --packages
      SYSTEM, git, npm
        TYPE  ROOT  WHAT               DETAILS
        git   app   COMMIT (main)  1 changed, commits kept
        npm   app   2 packages         5 files kept

      git app
        a.txt  modified

      npm app
        node_modules/left-pad  1.3.0
        node_modules/same      1.0.0
      exit 0"
    `);
  });

  test('view --why names the owner of a file, and 1 says that there is none', async () => {
    await using rig = await project();
    rig.write('loose', 'x\n');
    expect(
      await shown(rig, 'restage env view --why app/node_modules/left-pad/index.js', 'restage env view --why loose'),
    ).toMatchInlineSnapshot(`
      "$ restage env view --why app/node_modules/left-pad/index.js
      WORK/app/node_modules/left-pad/index.js: npm app node_modules/left-pad 1.3.0
      exit 0
      $ restage env view --why loose
      WORK/loose: belongs to no package here
      exit 1"
    `);
  });

  test('trace NAME saves this one layer, and diff names what has changed since', async () => {
    await using rig = await project();
    const saved = await typed('restage env trace paper --json', at(rig));
    expect(JSON.parse(saved.stdout)).toMatchObject({ name: 'paper', layers: ['environment'], unresolved: [] });
    writeNpmPackage(rig, 'app/node_modules/left-pad', '1.2.0');
    rig.write('app/a.txt', 'changed\n');
    expect(
      await shown(
        rig,
        'restage env diff paper',
        'restage env diff paper live --only git',
        'restage env diff paper --only venv',
      ),
    ).toMatchInlineSnapshot(`
      "$ restage env diff paper
      ~  environment  git  app a.txt     as committed -> modified
      ~  environment  npm  app left-pad  1.3.0 -> 1.2.0
      2 differences (environment 2) from paper to live
      exit 1
      $ restage env diff paper live --only git
      ~  environment  git  app a.txt  as committed -> modified
      1 difference (environment 1) from paper to live
      exit 1
      $ restage env diff paper --only venv
      No difference between paper and live (environment)
      exit 0"
    `);
  });

  test('trace without a name prints a spec that the schema reads', async () => {
    await using rig = await project();
    const { stdout, status } = await typed('restage env trace --json', at(rig));
    expect(status).toBe(0);
    const { environment } = JSON.parse(stdout) as { readonly environment: unknown };
    expect(EnvironmentSpec.parse(environment).distributions.map(({ type }) => type)).toEqual(['git', 'npm']);
  });

  test('trace --keep none says what it does not keep', async () => {
    await using rig = await project();
    expect(await shown(rig, 'restage env trace light --keep none')).toContain('NOT kept: contents of the environment');
  });

  test('trace -- COMMAND shows what the command prints, and ends with 1 if it fails', async () => {
    await using rig = await project();
    const { stdout, status } = await typed('restage env trace -- sh -c "echo said; exit 3"', at(rig));
    expect(status).toBe(1);
    expect(stdout).toMatch(/^said\n/);
    expect(stdout).toContain('command exit 3');
  });

  test('with --json what the command prints is not in the document', async () => {
    await using rig = await project();
    const { stdout, stderr } = await typed('restage env trace --json -- cat app/node_modules/same/index.js', at(rig));
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'restage/env-trace/1', command: { exit: 0 } });
    expect(stderr).toContain("export const version = '1.0.0';");
  });

  test.each([
    { line: 'restage env view nowhere', exit: 4, why: 'an unknown snapshot' },
    { line: 'restage env view --only cargo', exit: 2, why: 'an unknown kind' },
    { line: 'restage env trace --', exit: 2, why: 'no command behind the dashes' },
    { line: 'restage env diff', exit: 2, why: 'nothing to compare' },
  ])('$line ends with $exit: $why', async ({ line, exit }) => {
    await using rig = await environmentRig();
    expect(await typed(line, at(rig))).toMatchObject({ status: exit, stdout: '' });
  });
});
