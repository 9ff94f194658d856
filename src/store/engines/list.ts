import type { StoreEngine } from './contract.ts';
import { directory } from './directory.ts';
import { memory } from './memory.ts';

/** The engines that restage knows. */
export const storeEngines: readonly StoreEngine[] = [directory, memory];
