import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { chunkRig, contentOf, filesOf, noise, text } from './rig.ts';

describe('one flipped bit', () => {
  test.each([
    { kind: 'raw', content: noise(700) },
    { kind: 'zstd', content: text(3000) },
  ])('anywhere in a pack ($kind) is found and named, and never read as content', async ({ content }) => {
    await using rig = await chunkRig();
    const { digest } = await rig.plane.putBlob(content);
    const [pack = ''] = filesOf(rig.root, '.pack');
    const sound = readFileSync(pack);
    for (let at = 0; at < sound.length; at++) {
      writeFileSync(pack, flipped(sound, at));
      const { damaged } = await rig.plane.verify();
      expect(
        damaged.some(({ file }) => file === pack),
        `byte ${at}`,
      ).toBe(true);
      const read = await contentOf(rig.plane, digest).catch((error: unknown) => error);
      if (Buffer.isBuffer(read)) expect(read.equals(content), `byte ${at}`).toBe(true);
      else expect(read).toMatchObject({ code: 'store/damaged' });
    }
    writeFileSync(pack, sound);
    expect((await rig.plane.verify()).damaged).toEqual([]);
  });

  test('in a chunk names the chunk, and the other chunks can be read', async () => {
    await using rig = await chunkRig();
    const { digest } = await rig.plane.putBlob(noise(400_000));
    const [pack = ''] = filesOf(rig.root, '.pack');
    writeFileSync(pack, flipped(readFileSync(pack), 120_000));
    const { damaged } = await rig.plane.verify();
    expect(damaged).toEqual([
      {
        what: expect.stringMatching(/^the chunk sha256:[0-9a-f]{64}$/) as string,
        file: pack,
        why: expect.any(String) as string,
      },
    ]);
    await expect(contentOf(rig.plane, digest)).rejects.toMatchObject({
      code: 'store/damaged',
      message: expect.stringContaining(pack) as string,
      details: { what: damaged[0]?.what, file: pack },
    });
    const range = { start: 0, end: 100_000 };
    expect((await contentOf(rig.plane, digest, range)).equals(noise(400_000).subarray(0, 100_000))).toBe(true);
  });

  test('anywhere in an index is found and named', async () => {
    await using rig = await chunkRig();
    const { digest } = await rig.plane.putBlob(noise(700));
    const [index = ''] = filesOf(rig.root, '.idx');
    const sound = readFileSync(index);
    for (let at = 0; at < sound.length; at += 7) {
      writeFileSync(index, flipped(sound, at));
      expect(
        (await rig.plane.verify({ quick: true })).damaged.map(({ file }) => file),
        `byte ${at}`,
      ).toEqual([index]);
    }
    const other = await rig.open('write');
    expect((await other.verify()).damaged, 'also by who has made it again').toMatchObject([{ file: index }]);
    expect((await contentOf(other, digest)).equals(noise(700))).toBe(true);
  });
});

test('a pack that is gone is named, with the blobs that need it', async () => {
  await using rig = await chunkRig();
  const first = await rig.plane.putBlob(noise(300_000));
  const { digest } = await rig.plane.putBlob(Buffer.concat([noise(300_000), text(200_000)]));
  const [one = '', two = ''] = filesOf(rig.root, '.pack');
  rmSync(one);
  const reader = await rig.open('write');
  const { damaged } = await reader.verify({ quick: true });
  expect(damaged.map(({ file }) => file)).toEqual(expect.arrayContaining([one, two]));
  expect(damaged.map(({ what }) => what)).toContain(`the blob ${digest}`);
  expect(await reader.hasBlob(digest)).toBe(false);
  await expect(contentOf(reader, digest)).rejects.toMatchObject({ code: 'store/damaged' });
  expect(await reader.hasBlob(first.digest)).toBe(false);
  expect((await reader.putBlob(noise(300_000))).newBytes).toBeGreaterThan(290_000);
  expect((await contentOf(reader, digest)).length, 'healed by the same content').toBe(500_000);
});

test('a pack that is too short is found at a quick look', async () => {
  await using rig = await chunkRig();
  await rig.plane.putBlob(noise(1000));
  const [pack = ''] = filesOf(rig.root, '.pack');
  writeFileSync(pack, readFileSync(pack).subarray(0, -1));
  const { damaged } = await rig.plane.verify({ quick: true });
  expect(damaged).toContainEqual({ what: 'the pack', file: pack, why: 'has 1227 bytes instead of 1228' });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const other = Buffer.from(bytes);
  other[at] = (other[at] ?? 0) ^ (1 << (at & 7));
  return other;
}
