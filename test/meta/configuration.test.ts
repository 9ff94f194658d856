import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../src/model/default-configuration.ts';

test('every key of the configuration that the code asks for is known to `restage config`', () => {
  const asked = globSync('src/**/*.ts').flatMap((path) =>
    Array.from(
      readFileSync(path, 'utf8').matchAll(/onfiguration\.get\(\s*'([^']+)', '([^']+)'/g),
      ([, section = '', key = '']) => `${section}.${key}`,
    ),
  );
  const known = new Set(DEFAULTS.map(({ section, key }) => `${section}.${key}`));
  expect(asked.length).toBeGreaterThan(10);
  expect([...new Set(asked)].filter((name) => !known.has(name))).toEqual([]);
});
