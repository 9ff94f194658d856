import { join, resolve } from 'node:path';
import { defineBootDriver, type BootPlace } from './contract.ts';

/** Files as PXELINUX has them, which the firmware of a simulated node reads at power-on: `boot/01-MAC` holds the run. */
export const sim = defineBootDriver({
  id: 'sim',
  summary: 'boot entries of the simulated lab',

  async arm(place, run, { files }) {
    await files.write(pathOf(place), `${run}\n`);
  },

  async disarm(place, { files }) {
    const path = pathOf(place);
    await files.remove(path);
    await files.syncDirectory(directoryOf(place));
  },

  async list(place, { files }) {
    const directory = directoryOf(place);
    const entries = [];
    for (const { name } of await files.list(directory)) {
      if (!/^01(-[0-9a-f]{2}){6}$/.test(name)) continue;
      const run = (await files.readIfExists(join(directory, name)))?.trim();
      if (run !== undefined) entries.push({ mac: name.slice(3).replaceAll('-', ':'), run });
    }
    return entries;
  },
});

function directoryOf({ base, directory = 'boot' }: Omit<BootPlace, 'node'>): string {
  return resolve(base, directory);
}

function pathOf(place: BootPlace): string {
  return join(directoryOf(place), bootFileName(place.node.control.mac ?? ''));
}

/** The name of a boot entry for a MAC address. */
export function bootFileName(mac: string): string {
  return `01-${mac.toLowerCase().replaceAll(':', '-')}`;
}
