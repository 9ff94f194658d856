import { z } from 'zod';
import type { NodeId } from '../../model/id.ts';
import { RemoteSettings, type InventoryNode } from '../../model/inventory.ts';

const Interface = z.object({ hostname: z.string(), ip: z.string().optional(), mac: z.string().optional() });

/** The list that rhubarbe keeps in `inventory.json`; a node's `data` interface is not used. */
export const RhubarbeInventory = z.array(z.object({ cmc: Interface, control: Interface }));

/**
 * Makes a node of an item of rhubarbe's inventory; `undefined` if its card has no number.
 *
 * The number is the slot, which stands in the name of the card; the name is that of the control interface: node
 * `fit41` may be in the slot of `reboot15`. Boot and agent are those that rhubarbe's ramdisks need.
 */
export function rhubarbeNode({ cmc, control }: RhubarbeInventory[number]): InventoryNode | undefined {
  const [digits] = /\d+(?=\D*$)/.exec(cmc.hostname) ?? [];
  if (digits === undefined) return undefined;
  return {
    name: control.hostname as NodeId,
    number: Number(digits),
    control: { host: control.hostname, ip: control.ip, mac: control.mac?.toLowerCase() },
    power: [{ driver: 'cmc', host: cmc.hostname }],
    outlets: { usrp: { driver: 'cmc', host: cmc.hostname, verbs: 'usrp' } },
    ssh: RemoteSettings.parse({}),
    agent: 'telnet-frisbee',
    boot: [{ driver: 'pxelinux', directory: undefined }],
    disk: '/dev/sda',
    arch: 'x86_64',
  };
}

/** The list that rhubarbe keeps in `inventory.json`. */
export type RhubarbeInventory = z.infer<typeof RhubarbeInventory>;
