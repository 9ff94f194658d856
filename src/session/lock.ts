import { join } from 'node:path';
import { z } from 'zod';
import { RestageError } from '../errors.ts';
import { ProcessIdentityRecord } from '../model/process-record.ts';
import type { SessionContext } from './context.ts';

/** Whoever holds the lock, or held it: `free` says that it was given back. */
const Claim = z.strictObject({ owner: ProcessIdentityRecord, host: z.string(), free: z.boolean() });
type Claim = z.infer<typeof Claim>;

/** How long a command waits for another one, in ms: a stop may take its whole time. */
const PATIENCE_MS = 60_000;
const PAUSE_MS = { first: 2, last: 50 } as const;

/**
 * Acts as the only command that changes the session.
 *
 * The lock is a row of numbered claims, and the highest number counts: it is held until its claim says `free` or its
 * process is gone. Who wants it creates the next number, which only one can. The highest claim is never removed, so
 * that nobody can take a number that was passed, whenever he read the row.
 *
 * @throws {RestageError} `session/busy` when the owner goes on for too long, or belongs to another machine
 */
export async function whileLocked<Value>(context: SessionContext, act: () => Promise<Value>): Promise<Value> {
  const release = await lockSession(context);
  try {
    return await act();
  } finally {
    await release();
  }
}

/** Takes the lock; answers what gives it back. */
async function lockSession(context: SessionContext): Promise<() => Promise<void>> {
  const { files, paths, clock } = context;
  const directory = join(paths.state, 'lock');
  await files.makeDirectory(directory);
  const end = clock.monotonic() + PATIENCE_MS;
  for (let pause: number = PAUSE_MS.first; ; pause = Math.min(pause * 2, PAUSE_MS.last)) {
    const numbers = await claimNumbers(directory, context);
    const highest = numbers.at(-1) ?? 0;
    const holder = await readClaim(directory, highest, context);
    if (!holder || isOver(holder, context)) {
      const mine = await claim(directory, highest + 1, context);
      if (mine) return mine;
      continue;
    }
    if (clock.monotonic() > end || holder.owner.machineId !== context.host.machineId) throw busy(holder, context);
    await clock.sleep(pause);
  }
}

async function claim(
  directory: string,
  number: number,
  context: SessionContext,
): Promise<(() => Promise<void>) | undefined> {
  const { files, random } = context;
  const path = join(directory, String(number));
  const temporary = join(directory, `new-${random.hex(8)}`);
  // Linked, and not created and then written: whoever finds a claim finds its owner in it.
  await files.write(temporary, claimText(false, context));
  const created = await files.link(temporary, path);
  await files.remove(temporary);
  if (!created) return undefined;
  const numbers = await claimNumbers(directory, context);
  if (numbers.some((other) => other > number)) {
    await files.remove(path);
    return undefined;
  }
  for (const passed of numbers) if (passed < number) await files.remove(join(directory, String(passed)));
  return () => files.write(path, claimText(true, context));
}

async function claimNumbers(directory: string, { files }: SessionContext): Promise<number[]> {
  const names = (await files.list(directory)).map(({ name }) => name).filter((name) => /^\d+$/.test(name));
  return names.map(Number).sort((a, b) => a - b);
}

async function readClaim(directory: string, number: number, { files }: SessionContext): Promise<Claim | undefined> {
  const text = await files.readIfExists(join(directory, String(number)));
  return text === undefined ? undefined : Claim.safeParse(JSON.parse(text)).data;
}

function isOver({ owner, free }: Claim, { processes }: SessionContext): boolean {
  return free || processes.state(owner) === 'gone';
}

function claimText(free: boolean, { host }: SessionContext): string {
  const { machineId, bootId, pid, startTicks, name } = host;
  return JSON.stringify({ owner: { machineId, bootId, pid, startTicks }, host: name, free } satisfies Claim);
}

function busy({ owner, host }: Claim, context: SessionContext): RestageError {
  const where = owner.machineId === context.host.machineId ? '' : ` on ${host}`;
  return new RestageError('session/busy', `process ${owner.pid}${where} is changing this session`, {
    details: { pid: owner.pid, host },
  });
}
