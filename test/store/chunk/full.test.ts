import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RestageError } from '../../../src/errors.ts';
import { digestOf } from '../../../src/model/digest.ts';
import { testContext } from '../../rig/context.ts';
import { chunkRig, contentOf, failingFiles, noise } from './rig.ts';

test(
  'a disk that is full at any write: the upload says so, nothing of it is visible, and it works when there is room',
  { timeout: 180_000 },
  async () => {
    const content = noise(9_000_000);
    for (let at = 0; ; at++) {
      await using rig = await chunkRig();
      const { digest: earlier } = await rig.plane.putBlob(noise(1000, 'earlier'));
      const full = () => new RestageError('store/full', 'no space left');
      const failing = failingFiles(testContext().files, at, full, false);
      const plane = await rig.open('write', { files: failing.files }).catch((error: unknown) => error);
      const put =
        plane instanceof Error
          ? plane
          : await (plane as typeof rig.plane).putBlob(content).catch((error: unknown) => error);
      const isDone = !(put instanceof Error);
      if (!isDone) expect(put).toMatchObject({ code: 'store/full' });
      const other = await rig.open('write');
      expect(await other.hasBlob(digestOf(content)), `write ${at}`).toBe(isDone);
      expect((await other.verify()).damaged).toEqual([]);
      expect((await contentOf(other, earlier)).equals(noise(1000, 'earlier'))).toBe(true);
      if (!isDone && !(plane instanceof Error)) {
        const again = await (plane as typeof rig.plane).putBlob(content);
        expect((await contentOf(other, again.digest)).equals(content)).toBe(true);
      }
      expect(readdirSync(join(rig.root, 'pack')).filter((name) => name.includes('tmp'))).toEqual([]);
      if (isDone && failing.effects() <= at) break;
      expect(at).toBeLessThan(60);
    }
  },
);
