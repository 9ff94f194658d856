import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { directory } from '../../src/store/engines/directory.ts';
import { PACK_LIMIT } from '../../src/store/git/maintenance.ts';
import { testContext } from '../rig/context.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';
import { git } from './acknowledged.ts';
import { all, put, text } from './contract/rig.ts';

test(
  'packs are consolidated in the background, and neither writers nor readers notice',
  { timeout: 120_000 },
  async () => {
    using scratch = temporaryDirectory();
    const place = join(scratch.path, '.restage');
    const context = testContext();
    await using store = await directory.open({ directory: place, mode: 'create' }, context);
    await using other = await directory.open({ directory: place, mode: 'write' }, testContext());
    await put(store, 's/0', '0');
    const commits = PACK_LIMIT + 60;
    for (let n = 1; n < commits; n++) {
      await put(n % 3 === 0 ? other : store, `s/${n % 20}${n}`, `${n}`);
      if (n % 10 !== 0) continue;
      // One that knew the packs of before looks for what has moved; one that opens now finds it at once.
      await using fresh = await directory.open({ directory: place, mode: 'read' }, testContext());
      const [entry] = await fresh.history('s/0');
      expect(await text(other, 's/0', entry?.version)).toBe('0');
      expect((await fresh.head())?.seq).toBe(n + 1);
    }
    await Promise.all([store.close(), other.close()]);
    const packs = readdirSync(join(place, '.git/objects/pack')).filter((name) => name.endsWith('.pack'));
    expect(packs.length).toBeLessThan(PACK_LIMIT);
    expect(context.events).toEqual([]);
    await using after = await directory.open({ directory: place, mode: 'read' }, testContext());
    const log = await all(after.log(1));
    expect(log).toHaveLength(commits);
    for (const { version, changes } of log) expect(await after.read(changes[0]?.path ?? '', version)).toBeDefined();
    expect(git(place, 'fsck', '--full', '--strict')).not.toMatch(/error|missing|broken/);
  },
);
