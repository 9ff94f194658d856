import { describe, expect, test } from 'vitest';
import { COMMANDS } from '../../src/cli/commands.ts';
import { findCommand } from '../../src/cli/find-command.ts';
import { flagNames } from '../../src/cli/global-options.ts';
import { parseWords } from '../../src/cli/parse-words.ts';
import { splitWords, transcript } from '../rig/cli.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';

/** What `restage doctor`, `restage config` and others read is not asked for here: only what was typed. */
const SHELL = /[<>|;&$]/;

test('each name and each alias means one command', () => {
  const names = COMMANDS.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  expect(names).toEqual([...new Set(names)]);
});

test('every command of the original design and of the first story is there', () => {
  const names = COMMANDS.map(({ name }) => name);
  const wanted = [
    ...'init save load undo view diff list log rm share export import verify gc snap'.split(' '),
    ...'doctor demo config completion links serve'.split(' '),
    ...'ls status on off reset wait load images doctor'.split(' ').map((verb) => `nodes ${verb}`),
    ...'trace view diff'.split(' ').map((verb) => `env ${verb}`),
    ...'init start stop show logs'.split(' ').map((verb) => `session ${verb}`),
    ...'put get ls log diff watch'.split(' ').map((verb) => `data ${verb}`),
  ];
  expect(wanted.filter((name) => !names.includes(name))).toEqual([]);
});

describe.each(COMMANDS.map((spec) => ({ ...spec, spec })))('restage $name', ({ spec, name, summary, examples }) => {
  test('says what it does in one imperative line', () => {
    expect(summary).toMatch(/^[A-Z][^\n]{5,90}[^.\s]$/);
  });

  test('uses each flag once', () => {
    const flags = (spec.options ?? []).flatMap((option) => flagNames(option.flags));
    expect(flags).toEqual([...new Set(flags)]);
  });

  test('has --help with examples', async () => {
    using directory = temporaryDirectory();
    const shown = await transcript(`restage ${name} --help`, { directory: directory.path });
    // What restage starts by itself is not for people.
    if (!spec.hidden) expect(examples.length).toBeGreaterThan(0);
    for (const { line, says } of examples) expect(shown).toContain(line.length > 34 ? says : line);
    expect(shown).toMatch(/exit 0$/);
  });

  test('understands its own examples', () => {
    for (const { line } of examples.filter((example) => !SHELL.test(example.line))) {
      const [program, ...words] = splitWords(line);
      expect(program).toBe('restage');
      const found = findCommand(words, COMMANDS);
      if (found === undefined || 'group' in found) throw new Error(`${line} is no command`);
      expect(() => parseWords(found.spec, found.rest), line).not.toThrow();
    }
  });

  test('can be imported', async () => {
    expect(await spec.load()).toBeTypeOf('function');
  });
});
