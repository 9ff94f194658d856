import { expect, test } from 'vitest';
import { findImageByStamp, listImages, registerImage, resolveImage } from '../../src/nodes/image-store.ts';
import { testbed } from './rig/testbed.ts';

test('an image is found by name, by the first digits of its id, and by the stamp of the save that it comes from', async () => {
  await using bed = await testbed(0);
  const store = await bed.setup.store();
  const image = (day: string, name: string, text: string) =>
    registerImage({ name, bytes: Buffer.from(text), lineage: [line(day, name)] }, 'rino@lab', store);
  const first = await image('01', 'ubuntu', 'one');
  const second = await image('02', 'ubuntu', 'two');
  await image('03', 'fedora', 'three');

  expect((await listImages(store)).map(({ name, image: id }) => `${name} ${id === second.image}`)).toEqual([
    'fedora false',
    'ubuntu true',
  ]);
  expect((await resolveImage('ubuntu', store)).image).toBe(second.image);
  expect((await resolveImage(second.image.slice(0, 20), store)).name).toBe('ubuntu');
  expect((await resolveImage(second.image.slice(7, 15), store)).name).toBe('ubuntu');

  expect((await findImageByStamp([line('02', 'ubuntu')], store))?.image).toBe(second.image);
  expect((await findImageByStamp([line('01', 'ubuntu')], store))?.image, 'an earlier save').toBe(first.image);
  expect(await findImageByStamp([line('09', 'ubuntu')], store), 'a save of somebody else').toBeUndefined();
  expect(await findImageByStamp([], store)).toBeUndefined();
  expect(await findImageByStamp(['2026-01-01@10:00 - node a - image ../x - by b'], store)).toBeUndefined();
});

test('what is no name, unknown or ambiguous is said', async () => {
  await using bed = await testbed(0);
  const store = await bed.setup.store();
  const add = (name: string, text: string) =>
    registerImage({ name, bytes: Buffer.from(text), lineage: [] }, 'rino@lab', store);
  await expect(add('../x', 'a')).rejects.toMatchObject({ code: 'image/name' });
  await expect(resolveImage('nope', store)).rejects.toMatchObject({ code: 'image/unknown' });
  // Both ids begin with 4bbe.
  await add('one', 't271');
  await add('two', 't525');
  await expect(resolveImage('4bbe', store)).rejects.toMatchObject({ code: 'image/ambiguous' });
});

function line(day: string, name: string): string {
  return `2026-01-${day}@10:00 - node fit01 - image ${name} - by rino`;
}
