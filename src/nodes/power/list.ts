import { cmc } from './cmc.ts';
import type { PowerDriver } from './contract.ts';

/** The power drivers that restage knows. */
export const powerDrivers: readonly PowerDriver[] = [cmc];
