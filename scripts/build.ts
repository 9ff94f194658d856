/**
 * Bundles the sources into `dist/`: one file for what every call needs, and one for each command, imported when called.
 *
 * The old files go last, so that a restage that runs meanwhile finds what it imports.
 */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build } from 'esbuild';

const { metafile } = await build({
  entryPoints: ['src/main.ts', 'src/platform/slice-worker.ts'],
  outbase: 'src',
  outdir: 'dist',
  bundle: true,
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  platform: 'node',
  target: 'node24',
  format: 'esm',
  packages: 'external',
  sourcemap: 'linked',
  logLevel: 'warning',
  metafile: true,
});
const present = existsSync('dist') ? readdirSync('dist', { recursive: true, withFileTypes: true }) : [];
for (const entry of present) {
  const path = join(relative('.', entry.parentPath), entry.name);
  if (!entry.isDirectory() && !(path in metafile.outputs)) rmSync(path);
}
