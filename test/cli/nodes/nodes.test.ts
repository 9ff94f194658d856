import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testbed, type Testbed } from '../../nodes/rig/testbed.ts';
import { transcript } from '../../rig/cli.ts';

let bed: Testbed;

beforeAll(async () => {
  bed = await testbed(3);
});

afterAll(async () => {
  await bed[Symbol.asyncDispose]();
});

async function type(line: string, answers?: readonly string[]): Promise<string> {
  const text = await transcript(line, {
    directory: bed.rig.path,
    ...(answers && { answers }),
    engine: ({ signal }) => ({ nodes: async () => bed.as({ signal }) }),
  });
  return text.replaceAll(bed.rig.path, 'WORK').replace(/127\.0\.0\.1:\d+/g, 'CARD');
}

describe('restage nodes', () => {
  test('shows, switches, and shows again', async () => {
    expect(await type('restage nodes status -a ~2')).toMatchInlineSnapshot(`
      "$ restage nodes status -a ~2
      fit01  on
      fit03  on
      exit 0"
    `);
    expect(await type('restage nodes off 3 --yes')).toMatchInlineSnapshot(`
      "$ restage nodes off 3 --yes
      fit03  off
      off: 1 of 1 ok
      exit 0"
    `);
    expect(await type('restage nodes status 1-3 --outlet usrp')).toMatchInlineSnapshot(`
      "$ restage nodes status 1-3 --outlet usrp
      fit01  on   usrp off
      fit02  on   usrp off
      fit03  off  usrp off
      exit 0"
    `);
    expect(await type('restage nodes on 1 fit3')).toMatchInlineSnapshot(`
      "$ restage nodes on 1 fit3
      fit01  already on
      fit03  on
      on: 2 of 2 ok
      exit 0"
    `);
    expect(await type('restage nodes on 3 --outlet usrp --json')).toMatchInlineSnapshot(`
      "$ restage nodes on 3 --outlet usrp --json
      {"schema":"restage/nodes-on/1","nodes":[{"node":"fit03","ok":true,"outlets":{"usrp":"on"},"changed":true}]}
      exit 0"
    `);
    expect(await type('restage nodes reset 3 --yes')).toMatchInlineSnapshot(`
      "$ restage nodes reset 3 --yes
      fit03  reset
      reset: 1 of 1 ok
      exit 0"
    `);
    expect(await type('restage nodes wait 3 --backoff 50ms')).toMatchInlineSnapshot(`
      "$ restage nodes wait 3 --backoff 50ms
      fit03:ssh OK
      exit 0"
    `);
  });

  test('asks before it switches off, and takes silence for no', async () => {
    expect(await type('restage nodes off 1-2')).toMatchInlineSnapshot(`
      "$ restage nodes off 1-2
      ! restage: not confirmed, and there is no terminal to ask on
      ! hint: Look at the plan with --plan, then run again with --yes
      exit 3"
    `);
    expect(await type('restage nodes off 1-2', ['n'])).toMatchInlineSnapshot(`
      "$ restage nodes off 1-2
      ! switch off fit01 fit02? [y/N] n
      exit 3"
    `);
    expect(await type('restage nodes off @on --plan')).toMatchInlineSnapshot(`
      "$ restage nodes off @on --plan
      switch off fit01 fit02 fit03
      exit 0"
    `);
    expect(await type('restage nodes status 1-2')).toMatchInlineSnapshot(`
      "$ restage nodes status 1-2
      fit01  on
      fit02  on
      exit 0"
    `);
  });

  test('lists the inventory', async () => {
    expect(await type('restage nodes ls')).toMatchInlineSnapshot(`
      "$ restage nodes ls
      fit01
      fit02
      fit03
      exit 0"
    `);
    expect(await type('restage nodes ls 2 --long')).toMatchInlineSnapshot(`
      "$ restage nodes ls 2 --long
      NODE   NUMBER  ADDRESS    MAC                POWER                AGENT
      fit02  2       127.0.0.1  52:54:00:00:03:02  cmc CARD  sim
      exit 0"
    `);
    expect(await type('restage nodes info 2')).toMatchInlineSnapshot(`
      "$ restage nodes info 2
      fit02
        node fit02
        firmware restage sim card 1
        power on
      exit 0"
    `);
    expect(await type('restage nodes doctor')).toMatchInlineSnapshot(`
      "$ restage nodes doctor
      ok  inventory  3 nodes in WORK/.restage/nodes/lab/inventory.yaml
      ok  power      cmc
      ok  ssh        sim
      ok  agent      sim
      ok  boot       sim
      exit 0"
    `);
  });

  test('what cannot be a node is one line, one hint and status 2', async () => {
    expect(await type('restage nodes status fit1 fedora-21')).toMatchInlineSnapshot(`
      "$ restage nodes status fit1 fedora-21
      ! restage: no node "fedora-21"; did you mean -i fedora-21?
      ! hint: List the nodes with \`restage nodes ls\`
      exit 2"
    `);
    expect(await type('restage nodes status 1-9-0')).toMatchInlineSnapshot(`
      "$ restage nodes status 1-9-0
      ! restage: cannot read "1-9-0": its step is 0
      ! hint: Write numbers, ranges such as 4-6, and ~4 to leave a node out
      exit 2"
    `);
    expect(await type('restage nodes status 77')).toMatchInlineSnapshot(`
      "$ restage nodes status 77
      ! restage: no node "77" in WORK/.restage/nodes/lab/inventory.yaml
      ! hint: List the nodes with \`restage nodes ls\`
      exit 2"
    `);
    expect(await type('restage nodes status')).toMatchInlineSnapshot(`
      "$ restage nodes status
      ! restage: no nodes are given
      ! hint: Name some, such as \`1-4 fit12\`, say -a for all, or set the variable NODES
      exit 2"
    `);
    expect(await type('restage nodes status 3-1')).toMatchInlineSnapshot(`
      "$ restage nodes status 3-1
      ! restage: "3-1" selects no node
      ! hint: Look again at the selector: 3-1 runs backwards and selects nothing
      exit 2"
    `);
  });

  test('loads an image and leaves alone what has it', async () => {
    expect(await type('restage nodes load -i fedora-36 2 --plan')).toMatchInlineSnapshot(`
      "$ restage nodes load -i fedora-36 2 --plan
      fit02  image  ubuntu-22.04 -> fedora-36  262 KB
      exit 0"
    `);
    expect(await type('restage nodes load -i fedora-36 2 --yes')).toMatchInlineSnapshot(`
      "$ restage nodes load -i fedora-36 2 --yes
      ! fit02 loaded
      fit02  fedora-36
      load: 1 of 1 ok
      exit 0"
    `);
    expect(await type('restage nodes load -i fedora-36 2')).toMatchInlineSnapshot(`
      "$ restage nodes load -i fedora-36 2
      ! fit02 loaded
      fit02  already fedora-36
      load: 1 of 1 ok
      exit 0"
    `);
    expect(await type('restage nodes ls @image=fedora-36')).toMatchInlineSnapshot(`
      "$ restage nodes ls @image=fedora-36
      fit02
      exit 0"
    `);
    expect(await type('restage nodes load 2')).toMatchInlineSnapshot(`
      "$ restage nodes load 2
      ! restage: there is no image "default"
      ! hint: Use fedora-36, ubuntu-22.04
      exit 4"
    `);
    expect(await type('restage nodes resolve f2c4e250')).toMatchInlineSnapshot(`
      "$ restage nodes resolve f2c4e250
      fedora-36 sha256:f2c4e250a65a6dbd6936e5b2202149bf3510a602c268118fdbfbbef22265d4d2
      exit 0"
    `);
    expect(await type('restage nodes images ubuntu')).toMatchInlineSnapshot(`
      "$ restage nodes images ubuntu
      IMAGE         ID            SIZE    SAVED
      ubuntu-22.04  26c653a29b6f  262 KB  just now
      exit 0"
    `);
  });

  test('one dead card is status 1 and named on stdout and in the last line', async () => {
    await bed.break({ fit02: { card: 'html' } });
    expect(await type('restage nodes status -a')).toMatchInlineSnapshot(`
      "$ restage nodes status -a
      fit01  on
      fit02  unknown  power-unknown  its card answers "<!DOCTYPE html><html><body><h1>It works<…"
      fit03  on
      exit 1"
    `);
    expect(await type('restage nodes on -a')).toMatchInlineSnapshot(`
      "$ restage nodes on -a
      fit01  already on
      fit02  power-unknown  its card answers "<!DOCTYPE html><html><body><h1>It works<…"
      fit03  already on
      on: 2 of 3 ok, 1 failed (fit02 power-unknown)
      exit 1"
    `);
    await bed.break({});
  });

  test('uses an inventory of another kind and says what it lacks for it', async () => {
    await using other = await testbed(0);
    writeFileSync(
      join(other.rig.path, 'inventory.yaml'),
      'testbed: t\nnodes:\n  a1: {number: 1, power: [{driver: ipmi, host: h}]}\n  a2: {number: 2}\n',
    );
    const at = (line: string) =>
      transcript(line, { directory: other.rig.path, engine: { nodes: async () => other.commands } });
    expect(await at('restage nodes status 1')).toMatchInlineSnapshot(`
      "$ restage nodes status 1
      ! restage: there is no power driver ipmi
      ! hint: List the drivers with \`restage nodes doctor\`
      exit 4"
    `);
    expect(await at('restage nodes status 2')).toMatchInlineSnapshot(`
      "$ restage nodes status 2
      a2  unknown  power-unknown  it has no power card in the inventory
      exit 1"
    `);
    expect((await at('restage nodes doctor')).replaceAll(other.rig.path, 'WORK')).toMatchInlineSnapshot(`
      "$ restage nodes doctor
      ok       inventory  2 nodes in WORK/inventory.yaml
      MISSING  power      this restage has no ipmi
      ok       ssh        ssh
      MISSING  agent      this restage has no restage
      ok       boot
      exit 1"
    `);
  });
});
