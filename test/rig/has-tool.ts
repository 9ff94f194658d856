import { spawnSync } from 'node:child_process';

/**
 * Says whether a test may use a real program.
 *
 * A missing program skips the test on a laptop, with one line that says what brings it, and fails it in CI, where
 * `RESTAGE_TEST_NO_SKIP` lists what must be there; otherwise a poor image would turn the suite green.
 */
export function hasTool(file: string, args: readonly string[] = ['--version'], debianPackage = file): boolean {
  const found = spawnSync(file, args, { stdio: 'ignore' }).status === 0;
  if (found) return true;
  if (process.env['RESTAGE_TEST_NO_SKIP']?.split(',').includes(file)) {
    throw new Error(`${file} is missing, and RESTAGE_TEST_NO_SKIP forbids to skip its tests`);
  }
  process.stderr.write(`skipped: tests that need ${file} (Debian: apt-get install ${debianPackage})\n`);
  return false;
}
