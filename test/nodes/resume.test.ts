import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { crashingProcess } from '../rig/crash.ts';
import { LIMITS, testbed } from './rig/testbed.ts';

test('a load that was killed at any effect is swept and finished by the next one', async () => {
  await using bed = await testbed(1);
  const load = (commands = bed.commands, image = 'fedora-36') =>
    commands.load(['fit01'], image, { ...LIMITS, check: 'never' }, () => undefined);
  // Every fourth effect: all of them together take a minute.
  for (let at = 0; ; at += 4) {
    await load(bed.commands, 'ubuntu-22.04');
    const crash = crashingProcess(bed.rig.context, at);
    const isDone = await load(bed.as({ ...crash.context, ownerState: bed.rig.context.ownerState })).then(
      () => true,
      () => false,
    );
    const [result] = await load();
    expect(result, `killed at effect ${at}`).toMatchObject({ ok: true, image: 'fedora-36' });
    expect(readdirSync(join(bed.state, 'lab/boot'))).toEqual([]);
    expect(readdirSync(join(bed.state, 'locks')).filter((name) => name.endsWith('.json'))).toEqual([]);
    if (isDone) break;
  }
  expect(bed.rig.events, 'disks that were being written are named').toContainEqual(
    expect.objectContaining({ type: 'note', note: 'half-written-disks', details: { nodes: ['fit01'] } }),
  );
});
