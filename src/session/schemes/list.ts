import type { SchemeDriver } from './contract.ts';
import { exec } from './exec.ts';

/** The kinds of URIs that restage knows. The first that accepts one has it. */
export const schemes: readonly SchemeDriver[] = [exec];
