import { z } from 'zod';
import type { CommandInput } from '../../command.ts';
import { readInput } from '../../read-input.ts';
import { DISTRIBUTION_TYPES } from './environment-of.ts';

/** What `--only` chose: kinds of distributions, and what is beside them. Absent: everything. */
export function readTypes({ options }: CommandInput): readonly string[] | undefined {
  return readInput(z.array(z.enum([...DISTRIBUTION_TYPES, 'base', 'variable'])).optional(), options['only']);
}
