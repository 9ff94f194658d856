import { EXIT, RestageError } from '../../errors.ts';
import type { CommandContext } from '../command.ts';
import type { DemoMachine } from './demo/machine.ts';
import { CLEAN_UP, STORY, type DemoCommand, type DemoNotes, type DemoStep } from './demo/steps.ts';

/** `restage demo`: the product in half a minute, in a temporary directory, by the very commands that a user types. */
export async function runDemo(context: CommandContext): Promise<number> {
  const started = context.now();
  const machine = await context.engine.demo();
  const notes: DemoNotes = { hasVenv: false, saved: {} };
  context.say(`A whole experiment is saved, wrecked and put back, in ${machine.directory}`);
  try {
    for (const [index, step] of STORY.entries()) {
      context.say(`\n${index + 1}/${STORY.length}  ${step.says}`);
      await perform(step, machine, notes, context);
    }
  } finally {
    for (const command of CLEAN_UP) await machine.restage(command.args);
    await machine.dispose();
  }
  const seconds = (context.now() - started) / 1000;
  context.print(
    { schema: 'restage/demo/1', steps: STORY.length, seconds, digests: notes.saved },
    `\nAll ${Object.keys(notes.saved).length} layers are as they were, in ${seconds.toFixed(1)} s. Begin your own with: restage init`,
  );
  return EXIT.done;
}

async function perform(step: DemoStep, machine: DemoMachine, notes: DemoNotes, context: CommandContext): Promise<void> {
  for (const command of step.commands ?? []) {
    context.signal.throwIfAborted();
    await call(command, machine, notes, context);
  }
  context.signal.throwIfAborted();
  if (step.act) context.say(`     ${await step.act(machine, notes)}`);
}

async function call(
  command: DemoCommand,
  machine: DemoMachine,
  notes: DemoNotes,
  context: CommandContext,
): Promise<void> {
  const line = `restage ${command.args.map(quoted).join(' ')}`;
  if (!command.examine) context.say(`     $ ${line}`);
  const { status, stdout, stderr } = await machine.restage(command.args, inputOf(command));
  if (command.shows === true) context.say(stdout.trimEnd().replace(/^/gm, '       '));
  const wanted = command.expect ?? 0;
  const flaw = status === wanted ? command.examine?.(stdout, notes) : `it ended with ${status} and not with ${wanted}`;
  if (flaw === undefined) return;
  throw new RestageError('demo/failed', `${line}: ${flaw}`, {
    details: { line, status, stdout, stderr },
    hint: stderr.trim().split('\n').slice(0, 2).join('; ') || 'Look with `restage doctor` at what works here',
  });
}

function inputOf({ input }: DemoCommand): { readonly input?: string } {
  return input === undefined ? {} : { input };
}

function quoted(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `"${word}"`;
}
