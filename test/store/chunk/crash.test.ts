import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src/model/id.ts';
import { openChunkPlane } from '../../../src/store/chunk/open.ts';
import { ownerOf, ownerText } from '../../../src/store/owner.ts';
import { testContext } from '../../rig/context.ts';
import { runKilledAt, sweepKills } from '../../rig/kill-at.ts';
import { temporaryDirectory } from '../../rig/temporary-directory.ts';
import { chunkRig, contentOf, deadHost, filesOf, noise } from './rig.ts';

const PUT = fileURLToPath(new URL('programs/put.ts', import.meta.url));
const DEAD = 'deadbeef00000000';

describe('a pack that a crash has left', () => {
  test.each([
    { cut: 0, chunks: 0, why: 'nothing was written' },
    { cut: 10, chunks: 0, why: 'torn in its first line' },
    { cut: 17, chunks: 0, why: 'no record' },
    { cut: 50, chunks: 0, why: 'torn in a header' },
    { cut: 100_000, chunks: 0, why: 'torn in the first chunk' },
    { cut: 112_437, chunks: 1, why: 'ends behind the first chunk' },
    { cut: 112_438, chunks: 1, why: 'one byte of the second header' },
    { cut: 149_000, chunks: 1, why: 'torn in the second chunk' },
    { cut: 200_000, chunks: 2, why: 'torn in the third chunk' },
  ])('keeps its $chunks whole chunks: $why', async ({ cut, chunks }) => {
    await using rig = await chunkRig();
    await leaveTornPack(rig.root, cut);
    const plane = await rig.open('write');
    expect(await plane.stat()).toMatchObject({ chunks });
    expect((await plane.verify()).damaged).toEqual([]);
    expect(filesOf(rig.root, '.pack').length).toBe(chunks === 0 ? 0 : 1);
    expect(readdirSync(join(rig.root, 'lock')).filter((name) => name.includes(DEAD))).toEqual([]);
    const put = await plane.putBlob(noise(300_000));
    expect(put.newBytes).toBeLessThan(301_500 - ([0, 112_375, 149_841][chunks] ?? 0));
    expect((await contentOf(plane, put.digest)).equals(noise(300_000))).toBe(true);
  });

  test('is cut behind zeros that were never written', async () => {
    await using rig = await chunkRig();
    await leaveTornPack(rig.root, 150_000);
    truncateSync(join(rig.root, 'pack', `${DEAD}-0.pack`), 400_000);
    const plane = await rig.open('write');
    expect(await plane.stat()).toMatchObject({ chunks: 2 });
    expect(statSync(filesOf(rig.root, '.pack')[0] ?? '').size).toBe(17 + 45 + 112_375 + 45 + 37_466);
  });

  test('is left alone while its writer lives, here or on another machine', async () => {
    await using rig = await chunkRig();
    await leaveTornPack(rig.root, 120_000);
    const { host } = testContext();
    for (const owner of [ownerOf(host, DEAD), ownerOf({ ...host, machineId: 'another' }, DEAD)]) {
      writeFileSync(join(rig.root, 'lock', `writer-${DEAD}.json`), ownerText(owner));
      const plane = await rig.open('write');
      expect(await plane.stat()).toMatchObject({ packs: 0 });
      expect(statSync(join(rig.root, 'pack', `${DEAD}-0.pack`)).size).toBe(120_000);
      expect(existsSync(join(rig.root, 'pack', `${DEAD}-0.idx`))).toBe(false);
    }
  });
});

describe('an index', () => {
  test.each([
    { content: undefined, why: 'is missing' },
    { content: 'restage-packs/1\n', why: 'is torn' },
    { content: 'nonsense', why: 'is nonsense' },
  ])('that $why is made again from its pack', async ({ content }) => {
    await using rig = await chunkRig();
    const { digest } = await rig.plane.putBlob(noise(300_000));
    await rig.plane.close();
    const [index = ''] = filesOf(rig.root, '.idx');
    const before = readFileSync(index);
    if (content === undefined) rmSync(index);
    else writeFileSync(index, content);
    const reader = await rig.open('read');
    expect((await contentOf(reader, digest)).equals(noise(300_000))).toBe(true);
    expect(existsSync(index) && readFileSync(index).equals(before), 'a reader changes nothing').toBe(false);
    const writer = await rig.open('write');
    expect((await contentOf(writer, digest)).equals(noise(300_000))).toBe(true);
    expect(readFileSync(index).equals(before)).toBe(true);
  });
});

test('temporary files and records of dead writers go, those of living ones stay', async () => {
  await using rig = await chunkRig();
  await rig.plane.putBlob(noise(10));
  const context = testContext();
  const path = (name: string) => join(rig.root, name);
  writeFileSync(path(`lock/writer-${DEAD}.json`), ownerText(ownerOf({ ...context.host, ...deadHost().host }, DEAD)));
  writeFileSync(path(`lock/writer-${DEAD}-3.names`), noise(64));
  writeFileSync(path(`pack/${DEAD}-0.idx.tmp`), 'torn');
  writeFileSync(path('lock/writer-a11e.json'), ownerText(ownerOf(context.host, 'a11e')));
  writeFileSync(path('lock/writer-a11e-0.names'), noise(64));
  writeFileSync(path('pack/a11e-0.idx.tmp'), 'being written');
  await rig.open('write');
  const names = [...readdirSync(path('lock')), ...readdirSync(path('pack'))];
  expect(names.filter((name) => name.includes(DEAD))).toEqual([]);
  expect(names.filter((name) => name.includes('a11e')).sort()).toEqual(
    ['a11e-0.idx.tmp', 'writer-a11e-0.names', 'writer-a11e.json'].sort(),
  );
});

test(
  'kill -9 at every step of two uploads: what was acknowledged is there, and nothing is half there',
  { timeout: 180_000 },
  async () => {
    using scratch = temporaryDirectory();
    let run = 0;
    const root = () => join(scratch.path, `${run}`);
    const killAt = async (at: number) => {
      run++;
      return runKilledAt(at, PUT, [root(), '200000', 'a', 'b'], scratch.path);
    };
    const steps = await sweepKills(killAt, async ({ stdout }, at) => {
      const plane = await openChunkPlane(root(), 'create', testContext());
      const acknowledged = stdout.split('\n').filter((line) => line !== '') as Digest[];
      for (const [index, digest] of acknowledged.entries()) {
        const expected = noise(200_000, ['a', 'b'][index]);
        expect((await contentOf(plane, digest)).equals(expected), `acknowledged before step ${at}`).toBe(true);
      }
      expect((await plane.verify()).damaged).toEqual([]);
      // A temporary file does not say whose it is: such ones go after an hour.
      expect(readdirSync(join(root(), 'lock')).filter((name) => !name.endsWith('.tmp'))).toEqual([]);
      for (const seed of ['a', 'b']) {
        const { digest } = await plane.putBlob(noise(200_000, seed));
        expect((await contentOf(plane, digest)).equals(noise(200_000, seed))).toBe(true);
      }
      await plane.close();
      rmSync(root(), { recursive: true });
    });
    expect(steps).toBeGreaterThan(15);
  },
);

test('two processes that write the same and other content at once lose nothing', async () => {
  using scratch = temporaryDirectory();
  const root = join(scratch.path, 'chunks');
  const seeds = [
    ['both', 'one', 'late'],
    ['both', 'two', 'late'],
  ];
  const outputs = await Promise.all(
    seeds.map(async (list) => {
      const child = spawn(process.execPath, [PUT, root, '3000000', ...list], { stdio: ['ignore', 'pipe', 'inherit'] });
      const [output] = await Promise.all([textOf(child.stdout), once(child, 'close')]);
      return output.split('\n').filter((line) => line !== '') as Digest[];
    }),
  );
  const plane = await openChunkPlane(root, 'read', testContext());
  for (const [process, digests] of outputs.entries()) {
    expect(digests.length).toBe(3);
    for (const [index, digest] of digests.entries()) {
      expect((await contentOf(plane, digest)).equals(noise(3_000_000, seeds[process]?.[index]))).toBe(true);
    }
  }
  expect((await plane.verify()).damaged).toEqual([]);
  await plane.close();
});

/** A pack of a writer that is gone, cut off after `size` bytes, without an index. */
async function leaveTornPack(root: string, size: number): Promise<void> {
  const source = await openChunkPlane(`${root}-source`, 'create', testContext());
  await source.putBlob(noise(300_000));
  await source.close();
  const [pack = ''] = filesOf(`${root}-source`, '.pack');
  writeFileSync(join(root, 'pack', `${DEAD}-0.pack`), readFileSync(pack).subarray(0, size));
  const owner = ownerOf({ ...testContext().host, ...deadHost().host }, DEAD);
  writeFileSync(join(root, 'lock', `writer-${DEAD}.json`), ownerText(owner));
  rmSync(`${root}-source`, { recursive: true });
}
