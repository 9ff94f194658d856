import { describe, expect, test } from 'vitest';
import type { CommandSpec } from '../../../src/cli/command.ts';
import { completionAt } from '../../../src/cli/completion/complete.ts';

const base = { summary: 'Does it', examples: [], load: () => Promise.reject(new Error('is not run')) };
const commands: readonly CommandSpec[] = [
  {
    ...{ ...base, name: 'load' },
    parameters: [{ name: 'snapshot', complete: 'snapshot' }],
    options: [
      { flags: '--only <layer...>', summary: 'layers', choices: ['nodes', 'data'] },
      { flags: '-i, --image <name>', summary: 'image', complete: 'image' },
      { flags: '--exact', summary: 'exactly' },
    ],
  },
  { ...base, name: 'log', aliases: ['history'] },
  { ...base, name: 'shell', parameters: [{ name: 'shell', choices: ['bash', 'zsh'] }] },
  { ...base, name: 'nodes on', parameters: [{ name: 'nodes', complete: 'node', variadic: true }] },
  {
    ...base,
    name: 'nodes off',
    parameters: [
      { name: 'file', complete: 'file' },
      { name: 'node', complete: 'node' },
    ],
  },
  { ...base, name: 'nodes lab up', hidden: true },
];

/** The offers, and the kind of live names with their prefix: `snapshot:de`. */
function at(line: string): readonly string[] {
  const words = line.split(' ');
  const { offers, live } = completionAt(words.slice(0, -1), words.at(-1) ?? '', commands);
  return [...offers.map(({ value }) => value), ...(live ? [`${live.before}${live.kind}:${live.prefix}`] : [])];
}

describe('completionAt', () => {
  test.each([
    { line: '', is: ['load', 'log', 'shell', 'nodes'], why: 'the first words; what is hidden is not offered' },
    { line: 'lo', is: ['load', 'log'], why: 'those that begin so' },
    { line: 'nodes ', is: ['on', 'off'], why: 'the second words of a group' },
    { line: 'nodes o', is: ['on', 'off'], why: 'those of them that begin so' },
    { line: '--json lo', is: ['load', 'log'], why: 'options may stand before' },
    { line: '--timeout 5 lo', is: ['load', 'log'], why: 'with their values' },
    { line: 'load ', is: ['snapshot:'], why: 'a parameter' },
    { line: 'load de', is: ['snapshot:de'], why: 'a parameter that has begun' },
    { line: 'load a ', is: [], why: 'no second parameter' },
    { line: 'shell b', is: ['bash'], why: 'a parameter with choices' },
    { line: 'load --exact ', is: ['snapshot:'], why: 'a flag is no parameter' },
    { line: 'load -i x ', is: ['snapshot:'], why: 'nor is the value of an option' },
    { line: 'load -i ', is: ['image:'], why: 'the value of an option' },
    { line: 'load --image=de', is: ['--image=image:de'], why: 'behind an equals sign' },
    { line: 'load --only ', is: ['nodes', 'data'], why: 'choices' },
    { line: 'load --only d', is: ['data'], why: 'choices that begin so' },
    { line: 'load --only=d', is: ['--only=data'], why: 'behind an equals sign, with all that the shell replaces' },
    { line: 'load --only nodes ', is: ['nodes', 'data', 'snapshot:'], why: 'more of many, or the parameter' },
    { line: 'load --o', is: ['--only'], why: 'an option' },
    { line: 'load --ex', is: ['--exact'], why: 'an option of this command' },
    { line: 'log --ex', is: [], why: 'not of another one' },
    { line: 'history --ti', is: ['--timeout'], why: 'an alias has the global options, too' },
    { line: 'nodes on fit01 ', is: ['node:'], why: 'the last parameter takes any number' },
    { line: 'nodes off a ', is: ['node:'], why: 'the second parameter' },
    { line: 'load --workspace ', is: ['directory:'], why: 'the value of a global option' },
    { line: 'load -- ', is: ['file:'], why: 'behind -- anything, and files are the best guess' },
    { line: 'frobnicate ', is: [], why: 'no such command' },
  ])('restage $line| offers $is: $why', ({ line, is }) => {
    expect(at(line)).toEqual(is);
  });

  test('offers each option once, with what it does', () => {
    const { offers } = completionAt(['load'], '-', commands);
    expect(offers).toContainEqual({ value: '--exact', summary: 'exactly' });
    expect(offers).toContainEqual({ value: '--json', summary: 'print one JSON document, or one event per line' });
    expect(new Set(offers.map(({ value }) => value)).size).toBe(offers.length);
  });
});
