import { apt } from './apt/driver.ts';
import type { DistributionDriver } from './contract.ts';
import { git } from './git/driver.ts';
import { npm } from './npm/driver.ts';
import { venv } from './venv/driver.ts';

/** The distributions that restage knows. */
export const distributions: readonly DistributionDriver[] = [apt, git, npm, venv];
