import { expect, test } from 'vitest';
import { distributionContext } from '../../../src/environment/capture.ts';
import { createKeep } from '../../../src/environment/keep.ts';
import { restoreTree } from '../../../src/environment/tree/restore.ts';
import { scanTree } from '../../../src/environment/tree/scan.ts';
import { createListTree } from '../../../src/platform/list-tree.ts';
import { environmentRig, type EnvironmentRig } from '../rig.ts';

const listTree = createListTree(new AbortController().signal);

async function archiveOf(rig: EnvironmentRig) {
  const keep = createKeep({ purpose: 'save', settings: {} }, rig.effects.content);
  const request = { root: `${rig.path}/tree`, cacheFile: `${rig.path}/.restage/cache.json` };
  return (await scanTree(request, { ...rig.effects, keep, listTree })).archive.digest;
}

async function restore(
  rig: EnvironmentRig,
  archive: Awaited<ReturnType<typeof archiveOf>>,
  covers: (path: string) => boolean = () => true,
): Promise<readonly string[]> {
  const changed: string[] = [];
  await restoreTree(
    {
      ...{ root: `${rig.path}/tree`, archive, covers },
      before: async (paths) => {
        changed.push(...paths);
      },
    },
    distributionContext(rig.effects, listTree),
  );
  return changed;
}

test('a file where a directory was, and a directory where a file was', async () => {
  await using rig = await environmentRig();
  rig.write('tree/a', 'a');
  rig.write('tree/b/c/d', 'd');
  const archive = await archiveOf(rig);
  rig.remove('tree');
  rig.write('tree/a/x/y', 'was a file');
  rig.write('tree/b', 'was a directory');
  await restore(rig, archive);
  expect([rig.read('tree/a'), rig.read('tree/b/c/d')]).toEqual(['a', 'd']);
  expect(await restore(rig, archive)).toEqual([]);
});

test('a big file is replaced only if it differs', async () => {
  await using rig = await environmentRig();
  rig.write('tree/big', Buffer.alloc(5 * 1024 * 1024, 'x'));
  const archive = await archiveOf(rig);
  const inode = rig.inode('tree/big');
  expect(await restore(rig, archive)).toEqual([]);
  expect(rig.inode('tree/big')).toBe(inode);
  rig.run('sh', ['-c', 'printf y | dd of=tree/big bs=1 seek=100 conv=notrunc status=none']);
  expect(await restore(rig, archive)).toEqual(['big']);
  expect(await archiveOf(rig)).toBe(archive);
});

test('bits alone are set without writing the file again', async () => {
  await using rig = await environmentRig();
  rig.write('tree/run', '#!/bin/sh\n');
  rig.run('chmod', ['755', 'tree/run']);
  const archive = await archiveOf(rig);
  const inode = rig.inode('tree/run');
  rig.run('chmod', ['600', 'tree/run']);
  await restore(rig, archive);
  expect(rig.run('stat', ['-c', '%a', 'tree/run'])).toBe('755\n');
  expect(rig.inode('tree/run')).toBe(inode);
});

test('what is not covered is left as it is', async () => {
  await using rig = await environmentRig();
  rig.write('tree/a', 'a');
  rig.write('tree/b', 'b');
  const archive = await archiveOf(rig);
  rig.write('tree/a', 'changed');
  rig.write('tree/b', 'changed');
  rig.write('tree/c', 'came');
  await restore(rig, archive, (path) => path === 'a');
  expect(['a', 'b', 'c'].map((name) => rig.read(`tree/${name}`))).toEqual(['a', 'changed', 'came']);
});

test('nothing is changed when the archive turns out to be damaged at its end', async () => {
  await using rig = await environmentRig();
  for (const name of ['a', 'b', 'c']) rig.write(`tree/${name}`, name.repeat(2000));
  const archive = await archiveOf(rig);
  rig.write('tree/a', 'changed');
  const bytes = await rig.effects.content.read(archive);
  const content = {
    ...rig.effects.content,
    stream: async () => {
      const { Readable } = await import('node:stream');
      return Readable.from([bytes.subarray(0, -1500)]);
    },
  };
  const broken: EnvironmentRig = { ...rig, effects: { ...rig.effects, content } };
  await expect(restore(broken, archive)).rejects.toMatchObject({ code: 'snapshot/damaged' });
  expect(rig.read('tree/a')).toBe('changed');
  expect(rig.run('find', ['.restage/environment/stage', '-type', 'f'])).toBe('');
});
