import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OpenStore } from '../../src/store/engines/contract.ts';
import { directory } from '../../src/store/engines/directory.ts';
import { testContext } from '../rig/context.ts';
import { runKilledAt, sweepKills } from '../rig/kill-at.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';
import { type Acknowledged, acknowledged, git, lost, WRITE } from './acknowledged.ts';

test(
  'a writer killed at any of its effects loses nothing acknowledged and leaves nothing half done',
  { timeout: 300_000 },
  async () => {
    using scratch = temporaryDirectory();
    const place = join(scratch.path, '.restage');
    const all: Acknowledged[] = [];
    const swept = await sweepKills(
      (at) => runKilledAt(at, WRITE, [place, `n${at}`, '2', '2'], scratch.path),
      async (run, at) => {
        const answers = acknowledged(run.stdout);
        all.push(...answers);
        await using store = await open(place, 'create');
        expect(await lost(store, all), `killed at ${at}`).toEqual([]);
        const sides = await Promise.all(['left', 'right'].map((side) => store.read(`pairs/n${at}/${side}`)));
        expect(sides[0]?.digest, `killed at ${at}`).toBe(sides[1]?.digest);
        expect(git(place, 'fsck', '--full', '--strict'), `killed at ${at}`).not.toMatch(/error|missing|broken/);
        expect(leftovers(place), `killed at ${at}`).toEqual([]);
        // Who comes next can write at once.
        const put = { path: `pairs/next/left`, bytes: Buffer.from(`${at}`) };
        const next = {
          subject: `next ${at}`,
          producer: 'next@test',
          puts: [put, { ...put, path: 'pairs/next/right' }],
        };
        const { seq, version } = await store.commit(next);
        all.push({ seq, version, content: `next ${at}` });
      },
    );
    expect(swept).toBeGreaterThan(25);
  },
);

test('a store that is killed while it is made can be made again', { timeout: 300_000 }, async () => {
  using scratch = temporaryDirectory();
  await sweepKills(
    (at) => runKilledAt(at * 5, WRITE, [join(scratch.path, `${at}`), 'a', '1', '1'], scratch.path),
    async (run, at) => {
      await using store = await open(join(scratch.path, `${at}`), 'create');
      expect(await lost(store, acknowledged(run.stdout))).toEqual([]);
      expect(git(join(scratch.path, `${at}`), 'fsck', '--full', '--strict')).not.toMatch(/error|missing|broken/);
    },
  );
});

function open(place: string, mode: OpenStore['mode']) {
  return directory.open({ directory: place, mode }, testContext());
}

/** Files that only a process in the middle of something may have. */
function leftovers(place: string): string[] {
  const inside = readdirSync(place, { recursive: true, encoding: 'utf8' });
  const own = readdirSync(join(place, 'lock')).filter((name) => /^writer-.*\.json$/.test(name));
  const bad = inside.filter((path) => /\.(keep|lock)$|^tmp\/./.test(path));
  return own.length > 1 ? [...bad, ...own] : bad;
}
