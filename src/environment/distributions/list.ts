import type { DistributionDriver } from './contract.ts';
import { git } from './git/driver.ts';
import { npm } from './npm/driver.ts';

/** The distributions that restage knows. */
export const distributions: readonly DistributionDriver[] = [git, npm];
