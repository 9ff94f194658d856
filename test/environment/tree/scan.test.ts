import { expect, test } from 'vitest';
import { createKeep } from '../../../src/environment/keep.ts';
import { digestOfFiles, partsOf, scanTree } from '../../../src/environment/tree/scan.ts';
import { createListTree } from '../../../src/platform/list-tree.ts';
import type { Files } from '../../../src/platform/files.ts';
import type { CaptureRequest } from '../../../src/snapshot/layer.ts';
import { environmentRig, type EnvironmentRig } from '../rig.ts';

const listTree = createListTree(new AbortController().signal);
/** The clock of the file system ticks every few ms: a file has settled when a scan begins a second later. */
const LATER_MS = 1000;

async function scan(rig: EnvironmentRig, purpose: CaptureRequest['purpose'] = 'save', later = LATER_MS) {
  const read: string[] = [];
  const files: Files = {
    ...rig.effects.files,
    read: (path) => {
      if (path.includes('/tree/')) read.push(path.slice(path.indexOf('/tree/') + 6));
      return rig.effects.files.read(path);
    },
  };
  const keep = createKeep({ purpose, settings: {} }, rig.effects.content);
  const clock = { ...rig.effects.clock, now: () => rig.effects.clock.now() + later };
  const request = {
    ...{ root: `${rig.path}/tree`, cacheFile: `${rig.path}/.restage/cache.json` },
    skip: (path: string) => path.startsWith('skipped'),
  };
  const scanned = await scanTree(request, { ...rig.effects, files, clock, keep, listTree });
  return { ...scanned, read };
}

test('a tree that has not been touched is not read again, and its archive is the same', async () => {
  await using rig = await environmentRig();
  rig.write('tree/a', 'a');
  rig.write('tree/deep/b', 'b');
  rig.write('tree/skipped/c', 'c');
  rig.run('ln', ['-s', 'a', 'tree/link']);
  const first = await scan(rig);
  expect(first.read).toEqual(['a', 'deep/b']);
  expect(first.files.map(({ path }) => path)).toEqual(['a', 'deep/b', 'link']);
  const second = await scan(rig);
  expect(second.read).toEqual([]);
  expect({ ...second, read: [] }).toEqual({ ...first, read: [] });
  expect(await rig.effects.content.has(second.archive.digest)).toBe(true);
});

test.each([
  {
    why: 'another content of the same size',
    change: (rig: EnvironmentRig) => {
      rig.write('tree/a', 'x');
    },
  },
  {
    why: 'other bits',
    change: (rig: EnvironmentRig) => {
      rig.run('chmod', ['700', 'tree/a']);
    },
  },
  {
    why: 'a link that says something else',
    change: (rig: EnvironmentRig) => {
      rig.run('ln', ['-sfn', 'b', 'tree/link']);
    },
  },
  {
    why: 'another name',
    change: (rig: EnvironmentRig) => {
      rig.run('mv', ['tree/a', 'tree/c']);
    },
  },
  {
    why: 'the same time set back by hand',
    change: (rig: EnvironmentRig) => {
      rig.write('tree/a', 'y');
      rig.run('touch', ['-d', '2020-01-01', 'tree/a']);
    },
  },
])('a change is seen: $why', async ({ change }) => {
  await using rig = await environmentRig();
  rig.write('tree/a', 'a');
  rig.run('touch', ['-d', '2020-01-01', 'tree/a']);
  rig.run('ln', ['-s', 'a', 'tree/link']);
  const before = await scan(rig);
  change(rig);
  const after = await scan(rig);
  expect(after.archive.digest).not.toBe(before.archive.digest);
  expect(digestOfFiles(after.files)).not.toBe(digestOfFiles(before.files));
});

test('a file that was written within the same tick of the clock is not believed', async () => {
  await using rig = await environmentRig();
  rig.write('tree/a', 'a');
  await scan(rig, 'save', 0);
  expect((await scan(rig)).read).toEqual(['a']);
});

test('what is only compared is stored when it is saved later', async () => {
  await using rig = await environmentRig();
  rig.write('tree/a', 'a');
  const compared = await scan(rig, 'compare');
  expect(await rig.effects.content.has(compared.archive.digest)).toBe(false);
  const saved = await scan(rig, 'save');
  expect(saved.archive).toEqual(compared.archive);
  expect(await rig.effects.content.has(saved.archive.digest)).toBe(true);
});

test('a damaged cache is no cache, and what is neither file nor link is said', async () => {
  await using rig = await environmentRig();
  rig.write('tree/a', 'a');
  rig.write('.restage/cache.json', '{"format":1');
  rig.run('mkfifo', ['tree/pipe']);
  const { files, unresolved } = await scan(rig);
  expect(files).toHaveLength(1);
  expect(unresolved).toMatchObject([{ item: 'pipe' }]);
});

test('a big file is streamed into the same archive', async () => {
  await using rig = await environmentRig();
  rig.write('tree/big', Buffer.alloc(9 * 1024 * 1024 + 5, 'x'));
  const { read, archive, files } = await scan(rig);
  expect(read).toEqual([]);
  rig.write('archive.tar', await rig.effects.content.read(archive.digest));
  rig.run('tar', ['-xf', 'archive.tar', 'big']);
  expect(rig.run('cmp', ['big', 'tree/big'])).toBe('');
  expect(`sha256:${rig.run('sha256sum', ['tree/big']).slice(0, 64)}`).toBe(files[0]?.digest);
});

test('parts are counted and told apart by their content', async () => {
  await using rig = await environmentRig();
  for (const path of ['x/1', 'x/2', 'y/1']) rig.write(`tree/${path}`, path);
  const { files } = await scan(rig);
  const parts = partsOf(files, (path) => path.split('/')[0] ?? '');
  expect([...parts].map(([part, { files: count }]) => [part, count])).toEqual([
    ['x', 2],
    ['y', 1],
  ]);
  expect(new Set([...parts.values()].map(({ digest }) => digest)).size).toBe(2);
});
