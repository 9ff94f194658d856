import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openLocks } from '../../src/store/lock.ts';
import { type Owner, ownerOf, ownerText, parseOwner } from '../../src/store/owner.ts';
import { testContext } from '../rig/context.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';

const context = testContext();

describe('locks', () => {
  test('one holds it, the next waits until it is released', async () => {
    using scratch = temporaryDirectory();
    const [a, b] = await Promise.all(
      ['aa', 'bb'].map((id) => openLocks(scratch.path, ownerOf(context.host, id), context)),
    );
    const path = join(scratch.path, 'deep/x.lock');
    const held = await a?.take(path);
    expect(await b?.tryTake(path)).toBeUndefined();
    const order: string[] = [];
    const waiting = b?.take(path).then((lock) => {
      order.push('taken');
      return lock.release();
    });
    order.push('released');
    await held?.release();
    await waiting;
    expect(order).toEqual(['released', 'taken']);
    expect(existsSync(path)).toBe(false);
  });

  test.each([
    { change: {}, broken: false, why: 'its owner lives' },
    { change: { pid: 2 ** 22 + 5 }, broken: true, why: 'its owner is gone' },
    { change: { startTicks: 1 }, broken: true, why: 'its pid was given to another' },
    { change: { bootId: 'before' }, broken: true, why: 'the machine has booted since' },
    { change: { machineId: 'other', pid: 2 ** 22 + 5 }, broken: false, why: 'another machine has to be asked' },
  ])('a lock that is there is broken: $broken, since $why', async ({ change, broken }) => {
    using scratch = temporaryDirectory();
    const locks = await openLocks(scratch.path, ownerOf(context.host, 'aa'), context);
    const path = join(scratch.path, 'x.lock');
    writeFileSync(path, ownerText({ ...ownerOf(context.host, 'cc'), ...change }));
    if (broken) expect(await locks.take(path, 50)).toBeDefined();
    else await expect(locks.take(path, 50)).rejects.toMatchObject({ code: 'store/locked', details: { file: path } });
    expect(readdirSync(scratch.path).filter((name) => name.startsWith('break-'))).toEqual([]);
  });

  test('a lock of another program, such as git, is never broken', async () => {
    using scratch = temporaryDirectory();
    const locks = await openLocks(scratch.path, ownerOf(context.host, 'aa'), context);
    for (const content of ['', `${'a'.repeat(40)}\n`, '{"torn":', '[]']) {
      const path = join(scratch.path, 'x.lock');
      writeFileSync(path, content);
      await expect(locks.take(path, 20)).rejects.toMatchObject({ code: 'store/locked' });
      expect(existsSync(path)).toBe(true);
    }
  });

  test('of many that find the same stale lock, one at a time gets it', async () => {
    using scratch = temporaryDirectory();
    mkdirSync(scratch.path, { recursive: true });
    const path = join(scratch.path, 'x.lock');
    const stale: Owner = { ...ownerOf(context.host, 'dd'), bootId: 'before' };
    writeFileSync(path, ownerText(stale));
    let holders = 0;
    await Promise.all(
      Array.from({ length: 12 }, async (_, n) => {
        const locks = await openLocks(scratch.path, ownerOf(context.host, `e${n}`), context);
        const lock = await locks.take(path);
        expect(++holders).toBe(1);
        expect(parseOwner(await context.files.readText(path))?.id).toBe(`e${n}`);
        holders--;
        await lock.release();
      }),
    );
  });
});
