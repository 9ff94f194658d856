import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { hasTool } from '../../rig/has-tool.ts';
import { homeVariables, runRestage } from '../../rig/cli.ts';
import { temporaryDirectory, type TemporaryDirectory } from '../../rig/temporary-directory.ts';

const bin = join(import.meta.dirname, '../../../bin');
const scripts: Partial<Record<'bash' | 'zsh' | 'fish', string>> = {};

beforeAll(async () => {
  using directory = temporaryDirectory();
  for (const shell of ['bash', 'zsh', 'fish'] as const) {
    const { status, stdout, stderr } = await runRestage(['completion', shell], { cwd: directory.path });
    expect([status, stderr]).toEqual([0, '']);
    scripts[shell] = stdout;
  }
});

function run(file: string, args: readonly string[], directory: TemporaryDirectory): string[] {
  const env = { ...process.env, ...homeVariables(directory.path), PATH: `${bin}:${process.env['PATH'] ?? ''}` };
  const { stdout, stderr } = spawnSync(file, args, { cwd: directory.path, env, encoding: 'utf8', timeout: 30_000 });
  expect(stderr).toBe('');
  return stdout.split('\n').filter((line) => line !== '');
}

function place(): TemporaryDirectory {
  const directory = temporaryDirectory();
  writeFileSync(join(directory.path, 'demo.snap'), '{}');
  writeFileSync(join(directory.path, 'bundle.tar'), '');
  return directory;
}

/** What bash would hand to the function, and what the function answers. `word` is the word as bash splits it. */
function inBash(line: string, word: string, directory: TemporaryDirectory): string[] {
  const script = `${scripts.bash ?? ''}
    compopt() { echo "compopt $*"; }
    COMP_LINE=$1; COMP_POINT=\${#1}
    _restage restage "$2" ""
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return run('bash', ['--norc', '--noprofile', '-c', script, 'bash', line, word], directory);
}

describe.skipIf(!hasTool('bash'))('bash', () => {
  test.each([
    { line: 'restage lo', word: 'lo', is: ['load', 'log'], why: 'commands' },
    { line: 'restage view ', word: '', is: ['demo', 'live'], why: 'live names' },
    { line: 'restage view demo@l', word: 'l', is: ['latest'], why: 'bash splits at the @ and wants the rest' },
    { line: 'restage save x --only=se', word: 'se', is: ['session'], why: 'and at the =' },
    { line: 'restage import ', word: '', is: ['compopt -o default'], why: 'files are left to bash' },
    { line: 'cd x; rsnap --vi', word: '--vi', is: [], why: 'another program was asked for completion' },
  ])('$line| offers $is: $why', ({ line, word, is }) => {
    using directory = place();
    expect(inBash(line, word, directory)).toEqual(is);
  });

  test('the script is registered for the program', () => {
    using directory = place();
    expect(run('bash', ['--norc', '-c', `${scripts.bash ?? ''}\ncomplete -p restage`], directory)).toEqual([
      'complete -o nosort -F _restage restage',
    ]);
  });
});

describe.skipIf(!hasTool('zsh'))('zsh', () => {
  test.each([
    {
      words: ['restage', 'lo'],
      is: ['load:Put the experiment back as a snapshot has it', 'log:List the saves in the history'],
    },
    { words: ['restage', 'view', ''], is: ['demo', 'live'] },
    { words: ['restage', 'import', ''], is: ['_files'] },
    { words: ['restage', 'load', '--workspace', ''], is: ['_files -/'] },
  ])('$words offers $is', ({ words, is }) => {
    using directory = place();
    const script = `compdef() { : }; _files() { print -r -- "_files $*" }
      _describe() { print -rl -- "\${(@P)@[-1]}" }
      ${scripts.zsh ?? ''}
      words=("$@"); CURRENT=$#; PREFIX=\${words[-1]}; _restage`;
    const offered = run('zsh', ['-f', '-c', script, 'zsh', ...words], directory);
    expect(offered.map((line) => line.trim())).toEqual(is);
  });
});

describe.skipIf(!hasTool('fish'))('fish', () => {
  test.each([
    {
      line: 'restage lo',
      is: ['load\tPut the experiment back as a snapshot has it', 'log\tList the saves in the history'],
    },
    { line: 'restage view ', is: ['demo', 'live'] },
    { line: 'restage import bun', is: ['bundle.tar'] },
  ])('$line offers $is', ({ line, is }) => {
    using directory = place();
    const script = `${scripts.fish ?? ''}\ncomplete --do-complete ${JSON.stringify(line)}`;
    expect(run('fish', ['--no-config', '-c', script], directory)).toEqual(is);
  });
});
