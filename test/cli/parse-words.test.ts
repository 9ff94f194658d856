import { describe, expect, test } from 'vitest';
import type { CommandSpec } from '../../src/cli/command.ts';
import { parseWords, type ParsedWords } from '../../src/cli/parse-words.ts';

const spec: CommandSpec = {
  name: 'try',
  summary: 'Try it',
  parameters: [{ name: 'first-one' }, { name: 'others', optional: true, variadic: true }],
  options: [
    { flags: '-i, --image <name>', summary: 'an image' },
    { flags: '--only <layer...>', summary: 'layers', choices: ['nodes', 'data'] },
    { flags: '--exact', summary: 'exactly' },
    { flags: '--no-undo', summary: 'keep nothing' },
  ],
  examples: [],
  load: () => Promise.reject(new Error('is not run')),
};
function parse(line: string, over: Partial<CommandSpec> = {}): ParsedWords {
  return parseWords({ ...spec, ...over }, line.split(' '));
}

describe('parseWords', () => {
  test.each([
    { line: 'a', parameters: { firstOne: 'a', others: [] }, why: 'camel-cased names, an empty list for none' },
    { line: 'a b c', parameters: { firstOne: 'a', others: ['b', 'c'] }, why: 'the last one takes all' },
    { line: 'a -- -b', parameters: { firstOne: 'a', others: ['-b'] }, why: 'behind -- a dash is a letter' },
  ])('reads the parameters of $line: $why', ({ line, parameters }) => {
    expect(parse(line).input.parameters).toEqual(parameters);
  });

  test('reads options of the command and global ones apart', () => {
    const { input, globals } = parse('--json a -i x --only nodes data --timeout 5m --set a.b=c --set d.e=f');
    expect(input.options).toEqual({ image: 'x', only: ['nodes', 'data'], undo: true });
    expect(globals).toEqual({ json: true, timeout: '5m', set: ['a.b=c', 'd.e=f'], color: true });
  });

  test('a command with a rest takes what is behind -- as it is, and knows whether -- was there', () => {
    expect(parse('a -- node --json -- x', { rest: 'argv' }).input).toMatchObject({
      parameters: { firstOne: 'a', others: [] },
      rest: ['node', '--json', '--', 'x'],
    });
    expect(parse('a', { rest: 'argv' }).input.rest).toBeUndefined();
  });

  test('where a command uses a name of a global option, its own meaning wins; a deadline stays one clock', () => {
    const own = { options: [{ flags: '-y, --timeout <s>', summary: 'how long' }] };
    const { input, globals } = parse('a -y 3', own);
    expect([input.options, globals]).toEqual([{ timeout: '3' }, { timeout: '3', color: true }]);
    expect(parse('a --yes', own).globals).toMatchObject({ yes: true });
  });

  test.each([
    { line: '', says: "missing required argument 'first-one'", hint: 'Run `restage try --help`' },
    { line: 'a --exat', says: "unknown option '--exat'", hint: 'Did you mean --exact' },
    { line: 'a --image', says: "option '-i, --image <name>' argument missing", hint: 'Run `restage try --help`' },
    {
      line: 'a --only paper',
      says: "option '--only <layer...>' argument 'paper' is invalid. Allowed choices are nodes, data",
      hint: 'Run `restage try --help`',
    },
  ])('refuses $line', ({ line, says, hint }) => {
    expect(() => parseWords(spec, line.split(' ').filter(Boolean))).toThrow(
      expect.objectContaining({ code: 'cli/usage', message: says, hint }),
    );
  });

  test('refuses a word too many', () => {
    expect(() => parse('a b', { parameters: [{ name: 'one' }] })).toThrow(
      expect.objectContaining({ code: 'cli/usage', message: expect.stringContaining('too many arguments') as string }),
    );
  });
});
