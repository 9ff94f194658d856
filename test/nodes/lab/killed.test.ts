import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodesCommands } from '../../../src/nodes/commands.ts';
import { createDaemons } from '../../../src/platform/daemon.ts';
import { readHost } from '../../../src/platform/host.ts';
import { crashingProcess } from '../../rig/crash.ts';
import { LAB_PROCESS, LIMITS, testbed, type Testbed } from '../rig/testbed.ts';

const PRELOAD = join(import.meta.dirname, '../../rig/kill-at-preload.ts');

// Before it is ready, while it says that it is, and in the middle of the first and the second order.
test.each([1, 4, 8, 11, 15])(
  'a lab killed at its effect %i comes back with what its cards had answered',
  async (at) => {
    await using bed = await testbed(0);
    const commands = killedLab(bed, at);
    const up = await commands.labUp({ count: 1 }).catch(() => undefined);
    let acknowledged = 'on';
    let attempted = 'on';
    for (const want of up ? (['off', 'on', 'off'] as const) : []) {
      attempted = want;
      const [result] = await commands.power(['fit01'], want, { limitMs: 1000 });
      if (result?.ok !== true) break;
      acknowledged = want;
    }
    await bed.commands.labUp({ count: 1 });
    const [now] = await bed.commands.status(['fit01'], LIMITS);
    expect([acknowledged, attempted]).toContain(now?.power);
  },
);

test('`lab up` that was killed itself is finished by the next one', async () => {
  for (let at = 0; ; at += 3) {
    await using bed = await testbed(0);
    const crash = crashingProcess(bed.rig.context, at);
    const up = bed.as(crash.context).labUp({ count: 1 });
    const isDone = await up.then(
      () => true,
      () => false,
    );
    const lab = await bed.commands.labUp({ count: 1 });
    expect(lab.nodes, `killed at effect ${at}`).toHaveLength(1);
    expect(await bed.commands.status(['fit01'], LIMITS)).toMatchObject([{ ok: true, power: 'on' }]);
    if (isDone) return;
  }
});

/** Commands whose labs kill themselves at an effect. */
function killedLab(bed: Testbed, at: number) {
  const program = ['env', `RESTAGE_KILL_AT=${at}`, process.execPath, '--import', PRELOAD, LAB_PROCESS] as const;
  return nodesCommands({ ...bed.setup, daemons: createDaemons(program, readHost()) });
}
