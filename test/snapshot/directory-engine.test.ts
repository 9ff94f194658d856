import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exportSnapshot } from '../../src/snapshot/export.ts';
import { collect } from '../../src/snapshot/gc.ts';
import { importSnapshot } from '../../src/snapshot/import.ts';
import { performRemoval, planRemoval } from '../../src/snapshot/remove.ts';
import { save } from '../../src/snapshot/save.ts';
import { verifySnapshot } from '../../src/snapshot/verify.ts';
import { openHall } from '../rig/hall-process.ts';
import { hasTool } from '../rig/has-tool.ts';
import { load, undo } from '../rig/snapshots.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';

/** Text that does not compress to nothing. */
function noise(size: number): string {
  return randomBytes(size).toString('base64').slice(0, size);
}

function write(workspace: string, items: Readonly<Record<string, string>>): void {
  writeFileSync(join(workspace, 'data.json'), JSON.stringify(items));
}

describe.skipIf(!hasTool('git'))('the verbs over a store on disk', () => {
  test('small and big content comes back, undo too, and plain git shows the saves', async () => {
    using directory = temporaryDirectory();
    const workspace = directory.path;
    await using hall = await openHall(workspace);
    const items = { small: 'one', empty: '', big: noise(300_000) };
    write(workspace, items);
    await save({ name: 'x', message: 'first', settings: {} }, hall);
    write(workspace, { small: 'two', big: noise(300_000) });
    expect((await load('x', hall)).outcome).toBe('loaded');
    expect(JSON.parse(readFileSync(join(workspace, 'data.json'), 'utf8'))).toEqual(items);
    expect((await undo(hall)).outcome).toBe('loaded');
    const log = execFileSync('git', ['-C', join(workspace, '.restage'), 'log', '--format=%s'], { encoding: 'utf8' });
    expect(log.trim().split('\n').at(-1)).toBe('save x: first');
    execFileSync('git', ['-C', join(workspace, '.restage'), 'fsck', '--full', '--strict'], { stdio: 'pipe' });
  });

  test('a bundle carries it into another store on disk', async () => {
    using directory = temporaryDirectory();
    using elsewhere = temporaryDirectory();
    await using hall = await openHall(directory.path);
    const items = { small: 'one', big: noise(300_000) };
    write(directory.path, items);
    await save({ name: 'x', settings: {} }, hall);
    const { file } = await exportSnapshot({ snapshot: 'x', output: 'x.tar' }, hall);
    await using other = await openHall(elsewhere.path);
    write(elsewhere.path, {});
    await importSnapshot({ file }, other);
    expect((await verifySnapshot('x', other)).damaged).toEqual([]);
    expect((await load('x', other)).outcome).toBe('loaded');
    expect(JSON.parse(readFileSync(join(elsewhere.path, 'data.json'), 'utf8'))).toEqual(items);
  });

  test('purge and gc free what only the purged snapshot held, and no more', async () => {
    using directory = temporaryDirectory();
    const workspace = directory.path;
    await using opened = await openHall(workspace);
    const get = (section: string) => (section === 'gc' ? '0s' : undefined);
    const hall = { ...opened, configuration: { ...opened.configuration, get } };
    const shared = noise(200_000);
    write(workspace, { shared, own: noise(300_000) });
    await save({ name: 'x', settings: {} }, hall);
    write(workspace, { shared });
    await save({ name: 'x', settings: {} }, hall);
    await save({ name: 'y', settings: {} }, hall);
    expect((await collect({ apply: true }, hall)).blobs, 'an earlier version of x still needs it').toBe(0);
    await performRemoval(await planRemoval({ snapshot: 'x', purge: true }, hall), hall);
    const before = (await hall.store.stat()).chunkBytes;
    expect((await collect({ apply: true }, hall)).bytes).toBeGreaterThan(200_000);
    expect(before - (await hall.store.stat()).chunkBytes).toBeGreaterThan(200_000);
    expect((await verifySnapshot('y', hall)).damaged).toEqual([]);
    expect((await hall.store.verify()).damaged).toEqual([]);
  });
});
