import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import { Snapshot } from '../src/model/snapshot.ts';

/** Where the published schema of `.snap` files lies. */
export const SCHEMA_FILE = 'docs/schema/snapshot-1.json';

/** The JSON Schema of `.snap` files, out of the one that the program reads with. */
export function schemaText(): string {
  const schema = z.toJSONSchema(Snapshot, { io: 'input' });
  const named = { title: 'A snapshot of restage', ...schema };
  return `${JSON.stringify(named, undefined, 2)}\n`;
}

if (import.meta.main) {
  mkdirSync(dirname(SCHEMA_FILE), { recursive: true });
  writeFileSync(SCHEMA_FILE, schemaText());
}
