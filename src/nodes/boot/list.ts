import type { BootDriver } from './contract.ts';
import { sim } from './sim.ts';

/** The boot drivers that restage knows. */
export const bootDrivers: readonly BootDriver[] = [sim];
