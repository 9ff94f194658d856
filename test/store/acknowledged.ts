import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Version } from '../../src/model/id.ts';
import type { Store } from '../../src/store/contract.ts';

/** The process that writes pairs, see there. */
export const WRITE = fileURLToPath(new URL('programs/write.ts', import.meta.url));

/** A commit that a writing process was told to be durable. */
export interface Acknowledged {
  readonly seq: number;
  readonly version: Version;
  readonly content: string;
}

/** Reads what a writing process has printed. */
export function acknowledged(stdout: string): Acknowledged[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Acknowledged);
}

/** What of the acknowledged is not in the log where it should be, or is only half there. */
export async function lost(store: Store, expected: readonly Acknowledged[]): Promise<string[]> {
  const entries = new Map<number, string>();
  const flaws: string[] = [];
  for await (const { seq, version, subject, changes, producer } of store.log(1)) {
    entries.set(seq, `${version} ${subject}`);
    const [name] = producer.split('@');
    const paths = changes.map(({ path }) => path).join(' ');
    if (paths !== `pairs/${name ?? ''}/left pairs/${name ?? ''}/right`) flaws.push(`${seq} changes ${paths}`);
  }
  for (const { seq, version, content } of expected) {
    if (entries.get(seq) !== `${version} ${content}`) flaws.push(`${seq} is ${entries.get(seq) ?? 'missing'}`);
  }
  return flaws;
}

/** What plain git says about a store. */
export function git(place: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync('git', ['-C', place, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`git ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}
