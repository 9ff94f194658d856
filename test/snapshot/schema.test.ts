import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SCHEMA_FILE, schemaText } from '../../scripts/schema.ts';

test('the published schema is the one that the program reads with (else: node scripts/schema.ts)', () => {
  expect(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'))).toEqual(JSON.parse(schemaText()));
});

test('the published schema asks for what makes a snapshot one', () => {
  expect(JSON.parse(readFileSync(SCHEMA_FILE, 'utf8'))).toMatchObject({
    required: ['schema', 'digest', 'layers', 'record'],
    additionalProperties: false,
    properties: { schema: { const: 'restage/snapshot/1' }, digest: { pattern: '^sha256:[0-9a-f]{64}$' } },
  });
});
