import { expect, test } from 'vitest';
import type { DistributionDriver } from '../../../src/environment/distributions/contract.ts';
import { Distribution } from '../../../src/model/environment.ts';
import { canonicalJson } from '../../../src/model/json.ts';
import { distributionOf, type EnvironmentRig } from '../rig.ts';

/** What the suite stands on: a workspace with a root of the driver. */
export interface DistributionRig {
  readonly start: () => Promise<EnvironmentRig>;
  readonly root: string;
  /** Makes the present state another one. Absent where that would harm the machine. */
  readonly change?: (rig: EnvironmentRig) => void;
}

/** The promises of `DistributionDriver`, checked. A bug that any driver had once stays here as a check. */
export function distributionContract(driver: DistributionDriver, { start, root, change }: DistributionRig): void {
  test('has an id that is a plain word and a one-line summary', () => {
    expect(driver.id).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(driver.summary).toMatch(/^[^\n]{5,70}[^.\n]$/);
  });

  test('captures equal states as equal bytes, which the schema reads back', async () => {
    await using rig = await start();
    const body = distributionOf(await rig.save(), driver.id, root);
    expect(canonicalJson(distributionOf(await rig.save(), driver.id, root))).toBe(canonicalJson(body));
    expect(canonicalJson(Distribution.parse(JSON.parse(canonicalJson(body))))).toBe(canonicalJson(body));
  });

  test('captures the same body when it stores nothing, and from an empty cache', async () => {
    await using rig = await start();
    const body = distributionOf(await rig.save(), driver.id, root);
    const compared = await rig.capture({ purpose: 'compare' });
    expect(compared.kept).toEqual([]);
    expect(canonicalJson(distributionOf(compared.body, driver.id, root))).toBe(canonicalJson(body));
    rig.remove('.restage/environment/cache');
    const again = await rig.capture({ purpose: 'compare' });
    expect(canonicalJson(distributionOf(again.body, driver.id, root))).toBe(canonicalJson(body));
  });

  test('has nothing to say and nothing to do where nothing differs', async () => {
    await using rig = await start();
    const body = distributionOf(await rig.save(), driver.id, root);
    expect(driver.diff(body, body)).toEqual([]);
    expect(driver.plan(body, body, new Set())).toEqual({ steps: [], impossible: [], left: [] });
  });

  test('says what came and went as a whole', async () => {
    await using rig = await start();
    const body = distributionOf(await rig.save(), driver.id, root);
    expect(driver.diff(undefined, body)).toMatchObject([{ change: 'added', type: driver.id }]);
    expect(driver.diff(body, undefined)).toMatchObject([{ change: 'removed', type: driver.id }]);
  });

  if (!change) return;

  test('undoes a change, and a step may be applied twice', async () => {
    await using rig = await start();
    const want = await rig.save();
    change(rig);
    expect(await rig.diff(want)).not.toEqual([]);
    const { steps, impossible } = await rig.plan(want);
    expect(impossible).toEqual([]);
    expect(steps).not.toEqual([]);
    expect(JSON.parse(JSON.stringify(steps)), 'steps are plain JSON').toEqual(steps);
    for (const step of steps.flatMap((once) => [once, once])) await rig.layer.apply(step as never, rig.effects);
    expect(await rig.diff(want)).toEqual([]);
    expect((await rig.plan(want)).steps).toEqual([]);
  });

  test('promises nothing that the store cannot give', async () => {
    await using rig = await start();
    const want = distributionOf(await rig.save(), driver.id, root);
    const { steps, impossible } = driver.plan(undefined, want, new Set());
    expect(steps).toEqual([]);
    expect(impossible.length).toBeGreaterThan(0);
  });
}
