import type { Store } from '../../store/contract.ts';
import { registerImage, type FoundImage } from '../image-store.ts';
import { STAMP_PATH } from '../stamp.ts';
import { makeDisk } from './disk.ts';

/** The images that a lab brings along. Their bytes never change, so that their ids do not either. */
const TINY_IMAGES = [
  {
    name: 'ubuntu-22.04',
    kernel: '5.15.0-91-generic',
    line: '2026-01-05@09:00 - node fit01 - image ubuntu-22.04 - by lab',
  },
  { name: 'fedora-36', kernel: '5.17.5-300.fc36', line: '2026-01-05@09:30 - node fit01 - image fedora-36 - by lab' },
] as const;

/** The image on the disks of a new lab, unless somebody says which. */
export const DEFAULT_IMAGE = TINY_IMAGES[0].name;

/** Keeps the images of the lab in the store; those that are there stay as they are. */
export async function registerTinyImages(producer: string, store: Store): Promise<readonly FoundImage[]> {
  const images: FoundImage[] = [];
  for (const { name, kernel, line } of TINY_IMAGES) {
    const bytes = makeDisk(kernel, { [STAMP_PATH]: `${line}\n`, '/etc/hostname': 'node\n' });
    images.push(await registerImage({ name, bytes, lineage: [line] }, producer, store));
  }
  return images;
}
