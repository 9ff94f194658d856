import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RestageError } from '../../src/errors.ts';
import type { Files, OpenFile } from '../../src/platform/files.ts';
import { directory } from '../../src/store/engines/directory.ts';
import { testContext } from '../rig/context.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';
import { git } from './acknowledged.ts';
import { put, text } from './contract/rig.ts';

test('a disk that is full at any write takes nothing with it: the batch is withdrawn, reads go on', async () => {
  using scratch = temporaryDirectory();
  const place = join(scratch.path, '.restage');
  const disk = { room: Infinity, used: 0 };
  const context = testContext();
  const files = limited(context.files, () => {
    if (disk.used++ >= disk.room) throw new RestageError('store/full', 'no space left');
  });
  await using store = await directory.open({ directory: place, mode: 'create' }, { ...context, files });
  await put(store, 'a', 'before');
  let failures = 0;
  for (let room = 0; ; room++) {
    const head = await store.head();
    Object.assign(disk, { room, used: 0 });
    const tries = await Promise.allSettled([put(store, 'a', `${room}`), put(store, 'b', `${room}`)]);
    Object.assign(disk, { room: Infinity, used: 0 });
    if (tries.every(({ status }) => status === 'fulfilled')) break;
    failures++;
    for (const one of tries) expect(one, `room for ${room}`).toMatchObject({ reason: { code: 'store/full' } });
    expect(await store.head(), `room for ${room}`).toEqual(head);
    expect(git(place, 'fsck', '--full', '--strict'), `room for ${room}`).not.toMatch(/error|missing|broken|dangling/);
    expect(readdirSync(join(place, 'tmp'))).toEqual([]);
    expect(readdirSync(join(place, '.git/objects/pack')).filter((name) => name.endsWith('.keep'))).toEqual([]);
    await put(store, 'a', `after ${room}`);
    expect(await text(store, 'a')).toBe(`after ${room}`);
  }
  expect(failures).toBeGreaterThan(8);
});

/** Files whose every write and sync asks for room first. What takes away or replaces needs none. */
function limited(files: Files, take: () => void): Files {
  const guard =
    <Arguments extends readonly unknown[], Result>(call: (...args: Arguments) => Promise<Result>) =>
    async (...args: Arguments): Promise<Result> => {
      take();
      return call(...args);
    };
  const limitedFile = (file: OpenFile): OpenFile => ({ ...file, write: guard(file.write), sync: guard(file.sync) });
  return {
    ...files,
    ...{ create: guard(files.create), append: guard(files.append), link: guard(files.link) },
    ...{
      syncDirectory: guard(files.syncDirectory),
      makeDirectory: guard(files.makeDirectory),
    },
    open: async (path, mode) => {
      if (mode === 'read') return files.open(path, mode);
      take();
      return limitedFile(await files.open(path, mode));
    },
  };
}
