import { describe, expect, test } from 'vitest';
import type { Engine, GlobalFlags } from '../../src/cli/command.ts';
import { createCommandContext } from '../../src/cli/command-context.ts';
import { createReporter } from '../../src/cli/render/reporter.ts';
import { RestageError } from '../../src/errors.ts';
import type { Terminal } from '../../src/cli/terminal.ts';

const FLAGS: GlobalFlags = { json: false, quiet: false, verbose: false, yes: false, plan: false };
const disposable = { [Symbol.dispose]: () => undefined };

/** A context over a terminal that keeps what is written; `answer` is what somebody types. */
function held(flags: Partial<GlobalFlags>, typed: { readonly isInteractive?: boolean; readonly answer?: string } = {}) {
  const written: string[] = [];
  const asked: string[] = [];
  const controller = new AbortController();
  const output = (name: string) => ({
    isTerminal: false,
    columns: () => 80,
    write: async (content: string | Uint8Array) => {
      written.push(`${name}: ${Buffer.from(content).toString('utf8')}`);
    },
    onClosed: () => undefined,
  });
  const terminal: Terminal = {
    ...{ out: output('out'), error: output('error'), directory: '/here', variables: {}, now: () => 7 },
    isInteractive: typed.isInteractive ?? false,
    readInput: async function* () {
      yield Buffer.from('in');
    },
    ask: async (question) => {
      asked.push(question);
      return typed.answer;
    },
    ...{ onInterrupt: () => disposable, after: () => disposable, every: () => disposable },
  };
  const all = { ...FLAGS, ...flags };
  const { context } = createCommandContext({
    ...{ flags: all, terminal, signal: controller.signal, engine: {} as Engine },
    reporter: createReporter(terminal, all),
  });
  return { context, written, asked, controller };
}

describe('confirm', () => {
  test.each([
    { flags: { yes: true }, typed: {}, is: true, questions: 0, why: '--yes asks nobody' },
    { flags: {}, typed: { isInteractive: true, answer: 'y' }, is: true, questions: 1, why: 'a short yes' },
    { flags: {}, typed: { isInteractive: true, answer: ' Yes ' }, is: true, questions: 1, why: 'a long one' },
    { flags: {}, typed: { isInteractive: true, answer: '' }, is: false, questions: 1, why: 'Enter alone is no' },
    { flags: {}, typed: { isInteractive: true, answer: 'yep' }, is: false, questions: 1, why: 'nothing else is yes' },
    { flags: {}, typed: { isInteractive: true }, is: false, questions: 1, why: 'the end of input is no' },
  ])('answers $is: $why', async ({ flags, typed, is, questions }) => {
    const { context, asked } = held(flags, typed);
    expect(await context.confirm('Load demo')).toBe(is);
    expect(asked).toEqual(Array.from({ length: questions }, () => 'Load demo [y/N] '));
  });

  test('refuses where there is no terminal to ask on', async () => {
    await expect(held({}).context.confirm('Load demo')).rejects.toMatchObject({ code: 'cli/not-confirmed' });
  });

  test('Ctrl-C at the question is an interrupt and no answer', async () => {
    const { context, controller } = held({}, { isInteractive: true, answer: 'y' });
    controller.abort(new RestageError('run/interrupted', 'interrupted'));
    await expect(context.confirm('Load demo')).rejects.toMatchObject({ code: 'run/interrupted' });
  });
});

describe('what is printed', () => {
  test.each([
    { flags: {}, is: ['out: Saved demo\n'], why: 'the text' },
    { flags: { quiet: true }, is: ['out: Saved demo\n'], why: 'the result also when quiet' },
    { flags: { json: true }, is: ['out: {"name":"demo"}\n'], why: 'the document' },
  ])('is $is: $why', ({ flags, is }) => {
    const { context, written } = held(flags);
    context.print({ name: 'demo' }, 'Saved demo');
    expect(written).toEqual(is);
  });

  test('an empty text is no empty line, and a line end is not doubled', () => {
    const { context, written } = held({});
    context.print({}, '');
    context.printLine({}, 'one\n');
    expect(written).toEqual(['out: one\n']);
  });

  test('bytes go out as they are', async () => {
    const { context, written } = held({ json: true });
    await context.write(Buffer.from('raw'));
    expect(written).toEqual(['out: raw']);
  });

  test('what is said goes to stderr, and nowhere when quiet', () => {
    const loud = held({});
    loud.context.say('hello');
    const quiet = held({ quiet: true });
    quiet.context.say('hello');
    expect([loud.written, quiet.written]).toEqual([['error: hello\n'], []]);
  });
});
