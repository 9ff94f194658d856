import type { AgentDriver } from './contract.ts';
import { sim } from './sim.ts';

/** The agents that restage knows. */
export const agentDrivers: readonly AgentDriver[] = [sim];
