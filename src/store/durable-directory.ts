import type { Files } from '../platform/files.ts';

/**
 * Makes a directory and those above it so that they are there after a power cut: syncing a file's own directory does
 * not help when the name of that directory is lost.
 */
export async function makeDurableDirectory(
  path: string,
  files: Pick<Files, 'exists' | 'makeDirectory' | 'syncDirectory'>,
): Promise<void> {
  const parents: string[] = [];
  for (let at = path; at !== '' && !(await files.exists(at)); at = parentOf(at)) parents.push(parentOf(at) || '/');
  if (parents.length === 0) return;
  await files.makeDirectory(path);
  for (const parent of parents.reverse()) await files.syncDirectory(parent);
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/'));
}
