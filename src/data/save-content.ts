import { dirname } from 'node:path';
import type { Files } from '../platform/files.ts';

/** Writes content into a file as it comes: the file is there whole and durable, or as it was. */
export async function saveContent(path: string, content: AsyncIterable<Uint8Array>, files: Files): Promise<void> {
  const stat = await files.stat(path);
  // A device, a pipe, a link: written through and not replaced.
  if (stat && stat.kind !== 'file') {
    await writeTo(path, content, files);
    return;
  }
  const folder = await files.makeTemporaryDirectory(`${path}.restage-`);
  try {
    await writeTo(`${folder}/content`, content, files);
    if (stat) await files.setMode(`${folder}/content`, stat.mode);
    await files.rename(`${folder}/content`, path);
  } finally {
    await files.remove(folder);
  }
  await files.syncDirectory(dirname(path));
}

async function writeTo(path: string, content: AsyncIterable<Uint8Array>, files: Files): Promise<void> {
  await using file = await files.open(path, 'write');
  let position = 0;
  for await (const part of content) {
    await file.write(position, part);
    position += part.length;
  }
  const stat = await files.stat(path);
  if (stat?.kind === 'other') return;
  await file.truncate(position);
  await file.sync();
}
