import type { CommandSpec, OptionSpec, ParameterSpec } from '../command.ts';

const TARGET: ParameterSpec = { name: 'target', summary: 'NAME[@VERSION], a file, or live', complete: 'snapshot' };
const ONLY: OptionSpec = {
  flags: '--only <type...>',
  summary: 'these parts and no other',
  choices: ['apt', 'git', 'npm', 'venv', 'base', 'variable'],
};

/** The commands of the environment. */
export const ENV_COMMANDS: readonly CommandSpec[] = [
  {
    name: 'env trace',
    summary: 'Capture the environment, or that which a command uses',
    parameters: [{ name: 'name', summary: 'save it as a snapshot of this one layer; absent: print', optional: true }],
    rest: 'command',
    options: [
      ONLY,
      { flags: '--keep <what>', summary: 'whether the store keeps contents (all)', choices: ['all', 'none'] },
    ],
    examples: [
      { line: 'restage env trace', says: 'what is installed here' },
      { line: 'restage env trace paper', says: 'the same, saved' },
      { line: 'restage env trace -- python3 analyse.py', says: 'run it, and say which packages it used' },
    ],
    load: async () => (await import('../commands/env/trace.ts')).runEnvTrace,
  },
  {
    name: 'env view',
    summary: 'Show an environment',
    parameters: [{ ...TARGET, optional: true }],
    options: [
      ONLY,
      { flags: '--packages', summary: 'with the list of packages, and of uncommitted files' },
      { flags: '--why <path>', summary: 'which package a file belongs to', complete: 'file' },
    ],
    examples: [
      { line: 'restage env view', says: 'that of this place' },
      { line: 'restage env view demo --only npm --packages', says: 'the npm packages of a snapshot' },
      { line: 'restage env view --why /bin/ls', says: 'the package that brought it' },
    ],
    load: async () => (await import('../commands/env/view.ts')).runEnvView,
  },
  {
    name: 'env diff',
    summary: 'Show what two environments differ in',
    parameters: [
      { ...TARGET, name: 'from' },
      { ...TARGET, name: 'to', optional: true },
    ],
    options: [ONLY],
    examples: [
      { line: 'restage env diff demo', says: 'what has changed here since; ends with 1 if anything has' },
      { line: 'restage env diff demo again --only npm', says: 'packages of npm in two snapshots' },
    ],
    load: async () => (await import('../commands/env/diff.ts')).runEnvDiff,
  },
];
