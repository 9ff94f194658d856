import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const PRELOAD = fileURLToPath(new URL('kill-at-preload.ts', import.meta.url));

/** How a program ended that was to kill itself. */
export interface KilledRun {
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was killed; otherwise it came to its end, and `effects` says how many effects it has. */
  readonly killed: boolean;
  readonly effects: number;
  readonly status: number | null;
}

/**
 * Runs a script with this Node and has it killed at its Nth effect on the disk (0: not at all). Only effects of the
 * script's own process count, not those of programs that it starts.
 *
 * @param scratch - a directory for a file of our own
 */
export async function runKilledAt(
  at: number,
  script: string,
  args: readonly string[],
  scratch: string,
  env: Readonly<Record<string, string>> = {},
): Promise<KilledRun> {
  const countFile = join(scratch, `effects-${process.pid}`);
  rmSync(countFile, { force: true });
  const child = spawn(process.execPath, ['--import', PRELOAD, script, ...args], {
    env: { ...process.env, ...env, RESTAGE_KILL_AT: `${at}`, RESTAGE_KILL_COUNT: countFile },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outputs = Promise.all([buffer(child.stdout), buffer(child.stderr)]);
  const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
  const [stdout, stderr] = (await outputs).map((bytes) => bytes.toString('utf8'));
  const effects = existsSync(countFile) ? Number(readFileSync(countFile, 'utf8')) : 0;
  return { stdout: stdout ?? '', stderr: stderr ?? '', killed: signal === 'SIGKILL', effects, status };
}

/** Runs a script once unharmed, then again and again, killed at every effect in turn; `check` looks after each. */
export async function sweepKills(
  run: (at: number) => Promise<KilledRun>,
  check: (run: KilledRun, at: number) => Promise<void>,
): Promise<number> {
  const whole = await run(0);
  if (whole.killed || whole.status !== 0) throw new Error(`the script fails by itself: ${whole.stderr}`);
  await check(whole, 0);
  for (let at = 1; ; at++) {
    const killed = await run(at);
    await check(killed, at);
    if (!killed.killed) return at - 1;
  }
}
