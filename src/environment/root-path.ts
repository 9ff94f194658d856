import { join } from 'node:path/posix';

/** The directory of a root: of the workspace if it is relative, of the machine if not. */
export function absoluteRoot(root: string, { workspace }: { readonly workspace: string }): string {
  return root.startsWith('/') ? root : join(workspace, root);
}

/** How a thing at a root is named for people: alone at the top of the workspace, else after the root. */
export function itemAt(root: string, item: string): string {
  return root === '.' ? item : `${root} ${item}`;
}

/** Whether a path is a folder, or lies below it. Both are relative to the same place. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

/** A path as it is seen from a folder above it; `undefined` if the folder is not above it. */
export function pathBelow(path: string, folder: string): string | undefined {
  if (folder === '.') return path;
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : undefined;
}
