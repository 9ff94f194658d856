import type { z } from 'zod';
import { RestageError } from '../errors.ts';

/**
 * Reads what was typed through the schema of a request.
 *
 * @throws {RestageError} `cli/usage` that names the first value that does not fit
 */
export function readInput<Value>(schema: z.ZodType<Value>, input: unknown): Value {
  const read = schema.safeParse(input);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const path = issue?.path.join('.') ?? '';
  const message = issue?.message ?? 'not understood';
  throw new RestageError('cli/usage', path === '' ? lowered(message) : `${path}: ${lowered(message)}`, {
    details: { issues: read.error.issues },
  });
}

function lowered(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
