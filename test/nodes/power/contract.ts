import { expect, test } from 'vitest';
import type { PowerContext, PowerDriver } from '../../../src/nodes/power/contract.ts';
import type { PowerFeed } from '../../../src/model/inventory.ts';
import type { PowerState } from '../../../src/model/node.ts';

/** What is wrong with a device. */
export type DeviceFault = 'dead' | 'hang' | 'html' | 'error' | 'nonsense';

/** What the suite stands on: a real device, or a server that behaves like one. */
export interface PowerRig extends AsyncDisposable {
  readonly context: PowerContext;
  readonly feed: PowerFeed;
  /** What the device really is. */
  readonly state: () => PowerState;
  /** Makes it misbehave from now on. */
  readonly break: (fault: DeviceFault) => void;
  readonly abort: () => void;
}

/** The promises of `PowerDriver`, checked. */
export function powerContract(driver: PowerDriver, start: () => Promise<PowerRig>): void {
  test('has an id that is a plain word and a one-line summary', () => {
    expect(driver.id).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(driver.summary).toMatch(/^[^\n]{5,60}[^.]$/);
  });

  test('is available where its programs are', async () => {
    await using rig = await start();
    expect(await driver.probe(rig.context)).toEqual({ available: true });
  });

  test('switches, and every operation may repeat', async () => {
    await using rig = await start();
    for (const want of ['off', 'off', 'on', 'on', 'off'] as const) {
      expect(await driver[want](rig.feed, rig.context)).toEqual({ ok: true, value: undefined });
      expect(rig.state()).toBe(want);
      expect(await driver.status(rig.feed, rig.context)).toEqual({ ok: true, value: want });
    }
  });

  test('a reset leaves it on, also when it was off', async () => {
    await using rig = await start();
    await driver.off(rig.feed, rig.context);
    if (driver.supports.reset === true) expect(await driver.reset(rig.feed, rig.context)).toMatchObject({ ok: true });
    else await driver.on(rig.feed, rig.context);
    expect(rig.state()).toBe('on');
  });

  test.each(['dead', 'html', 'error', 'nonsense', 'hang'] as const)(
    'a device that is broken (%s) is unknown and never off, and nothing throws',
    async (fault) => {
      await using rig = await start();
      await driver.off(rig.feed, rig.context);
      rig.break(fault);
      expect(await driver.status(rig.feed, rig.context)).toMatchObject({ ok: false, code: 'power-unknown' });
      expect(await driver.on(rig.feed, rig.context)).toMatchObject({ ok: false });
    },
  );

  test('an aborted signal ends it with the reason of the signal', async () => {
    await using rig = await start();
    rig.break('hang');
    const waiting = driver.status(rig.feed, rig.context);
    rig.abort();
    await expect(waiting).rejects.toThrow('stop');
  });
}
