import { describe } from 'vitest';
import { powerDrivers } from '../../../src/nodes/power/list.ts';
import { powerContract, type PowerRig } from './contract.ts';
import { startCard } from '../rig/card.ts';

const RIGS: Readonly<Record<string, () => Promise<PowerRig>>> = { cmc: startCard };

for (const driver of powerDrivers) {
  const start = RIGS[driver.id];
  if (!start) throw new Error(`${driver.id} has no rig: what no test has seen run does not ship`);
  describe(`the power driver ${driver.id}`, () => {
    powerContract(driver, start);
  });
}
