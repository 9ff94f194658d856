import type { RemoteDriver } from './contract.ts';
import { sim } from './sim.ts';
import { ssh } from './ssh.ts';

/** The ways to run a program on a node that restage knows. */
export const remoteDrivers: readonly RemoteDriver[] = [ssh, sim];
