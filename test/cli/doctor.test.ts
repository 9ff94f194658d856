import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { typed } from '../rig/cli.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';

interface Finding {
  readonly area: string;
  readonly id: string;
  readonly available: boolean;
  readonly reason?: string;
}

async function findings(directory: string): Promise<readonly Finding[]> {
  const { stdout, status, stderr } = await typed('restage doctor --json', { directory });
  expect([status, stderr]).toEqual([0, '']);
  return (JSON.parse(stdout) as { readonly checks: readonly Finding[] }).checks;
}

test('without a workspace it says so, and leaves nothing behind', async () => {
  using directory = temporaryDirectory();
  const found = await findings(directory.path);
  expect(found).toContainEqual(expect.objectContaining({ area: 'store', id: 'workspace', available: false }));
  expect(found).toContainEqual(expect.objectContaining({ area: 'restage', id: 'node', available: true }));
  expect(readdirSync(directory.path)).toEqual([]);
});

test('in a workspace it looks at the store, a second copy, each layer and each driver', async () => {
  using directory = temporaryDirectory();
  await typed('restage init', { directory: directory.path });
  const found = await findings(directory.path);
  const ids = (area: string) => found.filter((one) => one.area === area).map(({ id }) => id);
  expect(ids('store')).toEqual(['file-system', 'workspace', 'directory', 'mirror']);
  expect(ids('layer')).toEqual(['nodes', 'environment', 'data', 'session']);
  expect(ids('distribution')).toContain('git');
  expect(found).toContainEqual(expect.objectContaining({ id: 'mirror', available: false, reason: 'there is none' }));
  expect(existsSync(join(directory.path, '.restage/store.json'))).toBe(true);
  expect(readdirSync(join(directory.path, '.restage')).filter((name) => name.includes('probe'))).toEqual([]);
});
