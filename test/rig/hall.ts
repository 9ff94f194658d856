import type { SnapshotContext } from '../../src/snapshot/context.ts';
import { transcript, type TypedAt } from './cli.ts';
import { testContext } from './context.ts';
import { snapshotRig, type SnapshotRig, type SnapshotRigOptions } from './snapshots.ts';

/** A rig whose host has names that a transcript can hold. */
export function namedRig(options: SnapshotRigOptions = {}): Promise<SnapshotRig> {
  const { host } = testContext();
  return snapshotRig({ ...options, effects: { host: { ...host, name: 'lab', user: 'rino' }, ...options.effects } });
}

/** Types lines at the command line over a rig; what differs from run to run is replaced by a word. */
export async function typeAt(
  rig: SnapshotRig,
  lines: readonly string[],
  at: Omit<TypedAt, 'directory' | 'engine'> & { readonly context?: Partial<SnapshotContext> } = {},
): Promise<string> {
  const { context, ...rest } = at;
  const shown: string[] = [];
  for (const line of lines) {
    const text = await transcript(line, {
      ...{ directory: rig.path, ...rest },
      engine: ({ signal, emit }) => ({ snapshots: async () => rig.as({ signal, emit, ...context }) }),
    });
    shown.push(text);
  }
  return shown
    .join('\n')
    .replaceAll(rig.path, 'WORK')
    .replace(/\b[0-9a-f]{40}\b|\b[0-9a-f]{10}\b(?<!sha256:.{10})/g, 'VERSION')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replace(/(?<="seal":"|"store":")[^"]+/g, 'X')
    .replace(/(VERSION|TIME) +/g, '$1  ');
}

/** `x` saved over all four layers, then one thing changed in three of them. */
export async function changedRig(): Promise<SnapshotRig> {
  const rig = await namedRig();
  rig.write('nodes', { fit01: 'on', fit02: 'on' });
  rig.write('environment', { app: '1.0.0' });
  rig.write('data', { raw: 'some data', big: 'big: not kept' });
  rig.write('session', { worker: 'running' });
  await typeAt(rig, ['restage save x -m "before the upgrade"']);
  rig.write('nodes', { fit01: 'off', fit02: 'on' });
  rig.write('data', { raw: 'other', extra: 'new', big: 'big: not kept' });
  rig.write('session', { worker: 'dead' });
  return rig;
}
