import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { RestageError } from '../../../src/errors.ts';
import type { Layer } from '../../../src/snapshot/layer.ts';
import { LAYER_KINDS } from '../../../src/model/id.ts';
import { crashingProcess } from '../../rig/crash.ts';
import { changedRig, namedRig, typeAt } from '../../rig/hall.ts';
import { jsonFileLayer } from '../../rig/layers.ts';
import { load } from '../../rig/snapshots.ts';

test('save says what it saved, and at the end what it does not hold', async () => {
  await using rig = await namedRig();
  rig.write('data', { raw: 'some data', images: `big:${'x'.repeat(4_100_000)}` });
  expect(await typeAt(rig, ['restage save x', 'restage save live', 'restage save y --only nodes']))
    .toMatchInlineSnapshot(`
    "$ restage save x
    ! nodes left out: there is no nodes.json
    ! environment left out: there is no environment.json
    ! session left out: there is no session.json
    Saved x VERSION  (data), keeps 9 B
    NOT kept: images 4.1 MB
    exit 0
    $ restage save live
    ! restage: "live" is no name for a snapshot
    ! hint: Use letters, digits, dot, dash and underscore; \`live\` and \`undo\` are taken
    exit 2
    $ restage save y --only nodes
    ! nodes left out: there is no nodes.json
    ! restage: no nodes here: there is no nodes.json
    ! hint: Look at what is here with \`restage doctor\`, or choose layers with --only
    exit 4"
  `);
});

test('diff, plan, load, undo: from drift and back', async () => {
  await using rig = await changedRig();
  expect(
    await typeAt(rig, [
      ...[
        'restage diff x live',
        'restage load x --plan',
        'restage load x --yes',
        'restage diff x',
        'restage load x --yes',
      ],
      ...['restage undo --yes', 'restage diff x --only nodes'],
    ]),
  ).toMatchInlineSnapshot(`
    "$ restage diff x live
    ~  nodes    text  fit01   b8d31e → b4dc66
    +  data     text  extra   11507a
    ~  data     text  raw     130799 → d9298a
    ~  session  text  worker  c071cf → 28a3a5
    4 differences (nodes 1, data 2, session 1) from x to live
    exit 1
    $ restage load x --plan
    load x (VERSION): 5 steps (nodes 1, data 2, session 2), 18 B to write
      session  stop    worker  28a3a5 → c071cf
      nodes    put     fit01   b4dc66 → b8d31e  2 B
      data     remove  extra   11507a
      data     put     raw     d9298a → 130799  9 B
      session  put     worker  28a3a5 → c071cf  7 B
    NOT kept: big 13 B
    exit 0
    $ restage load x --yes
    ! load x (VERSION): 5 steps (nodes 1, data 2, session 2), 18 B to write
    !   session  stop    worker  28a3a5 → c071cf
    !   nodes    put     fit01   b4dc66 → b8d31e  2 B
    !   data     remove  extra   11507a
    !   data     put     raw     d9298a → 130799  9 B
    !   session  put     worker  28a3a5 → c071cf  7 B
    ! NOT kept: big 13 B
    ! 1/5 session stop worker: 28a3a5 → c071cf
    ! 2/5 nodes put fit01: b4dc66 → b8d31e
    ! 3/5 data remove extra: 11507a
    ! 4/5 data put raw: d9298a → 130799
    ! 5/5 session put worker: 28a3a5 → c071cf
    Loaded x: 5 of 5 steps done, verified
    NOT kept: big 13 B
    exit 0
    $ restage diff x
    No difference between x and live (nodes, environment, data, session)
    exit 0
    $ restage load x --yes
    Nothing to do: all is as in x
    NOT kept: big 13 B
    exit 0
    $ restage undo --yes
    ! undo to the state before load of x (VERSION): 5 steps (nodes 1, data 2, session 2), 15 B to write
    !   session  stop  worker  c071cf → 28a3a5
    !   nodes    put   fit01   b8d31e → b4dc66  3 B
    !   data     put   extra   11507a           3 B
    !   data     put   raw     130799 → d9298a  5 B
    !   session  put   worker  c071cf → 28a3a5  4 B
    ! NOT kept: big 13 B
    ! 1/5 session stop worker: c071cf → 28a3a5
    ! 2/5 nodes put fit01: b8d31e → b4dc66
    ! 3/5 data put extra: 11507a
    ! 4/5 data put raw: 130799 → d9298a
    ! 5/5 session put worker: c071cf → 28a3a5
    Undone: 5 of 5 steps done, verified
    NOT kept: big 13 B
    exit 0
    $ restage diff x --only nodes
    ~  nodes  text  fit01  b8d31e → b4dc66
    1 difference (nodes 1) from x to live
    exit 1"
  `);
});

test('load asks on a terminal, and refuses where nobody can answer', async () => {
  await using rig = await changedRig();
  expect(await typeAt(rig, ['restage load x --only nodes'])).toMatchInlineSnapshot(`
    "$ restage load x --only nodes
    ! load x (VERSION): 1 step (nodes 1), 2 B to write
    !   nodes  put  fit01  b4dc66 → b8d31e  2 B
    ! restage: not confirmed, and there is no terminal to ask on
    ! hint: Look at the plan with --plan, then run again with --yes
    exit 3"
  `);
  expect(await typeAt(rig, ['restage load x --only nodes'], { answers: ['n'] })).toMatchInlineSnapshot(`
    "$ restage load x --only nodes
    ! load x (VERSION): 1 step (nodes 1), 2 B to write
    !   nodes  put  fit01  b4dc66 → b8d31e  2 B
    ! Perform 1 step (nodes 1), 2 B to write [y/N] n
    ! Nothing was changed
    exit 3"
  `);
  expect(await typeAt(rig, ['restage load x --only nodes'], { answers: ['y'] })).toMatchInlineSnapshot(`
    "$ restage load x --only nodes
    ! load x (VERSION): 1 step (nodes 1), 2 B to write
    !   nodes  put  fit01  b4dc66 → b8d31e  2 B
    ! Perform 1 step (nodes 1), 2 B to write [y/N] y
    ! 1/1 nodes put fit01: b4dc66 → b8d31e
    Loaded x: 1 of 1 step done, verified
    exit 0"
  `);
});

test('a load that cannot be done touches nothing and lists why', async () => {
  await using rig = await namedRig();
  rig.write('data', { images: 'big: one', raw: 'a' });
  await typeAt(rig, ['restage save x']);
  rig.write('data', { images: 'big: two', raw: 'b' });
  expect(await typeAt(rig, ['restage load x --yes', 'restage load x --plan'])).toMatchInlineSnapshot(`
    "$ restage load x --yes
    ! load x (VERSION): 1 step (data 1), 1 B to write
    !   data  put  raw  3e23e8 → ca9781  1 B
    ! IMPOSSIBLE: data images: its content is not kept
    ! NOT kept: images 8 B
    ! restage: data images: its content is not kept
    ! hint: Leave the layer out with --only, or look at the plan with --plan
    exit 4
    $ restage load x --plan
    load x (VERSION): 1 step (data 1), 1 B to write
      data  put  raw  3e23e8 → ca9781  1 B
    IMPOSSIBLE: data images: its content is not kept
    NOT kept: images 8 B
    exit 4"
  `);
});

test('a step that fails is named, and the way back too', async () => {
  const hooks = {
    beforeApply: ({ item }: { readonly item: string }) => {
      if (item === 'a') throw new RestageError('file/denied', 'no right to a');
    },
  };
  await using rig = await namedRig({ layers: LAYER_KINDS.map((kind): Layer => jsonFileLayer(kind, hooks) as Layer) });
  rig.write('data', { a: '1', b: '1' });
  await typeAt(rig, ['restage save x']);
  rig.write('data', { a: '2', b: '2' });
  expect(await typeAt(rig, ['restage load x --yes'])).toMatchInlineSnapshot(`
    "$ restage load x --yes
    ! load x (VERSION): 2 steps (data 2), 2 B to write
    !   data  put  a  d4735e → 6b86b2  1 B
    !   data  put  b  d4735e → 6b86b2  1 B
    ! failed: data put a: d4735e → 6b86b2: no right to a
    Some of the load of x failed: 0 of 2 steps done
      failed  data  put  a  no right to a
      left    data  put  b
    Go back with: restage undo
    exit 1"
  `);
});

test('after an interruption the other verbs say how to finish', async () => {
  await using rig = await changedRig();
  await load('x', crashingProcess(rig.context, 20).context).catch(() => undefined);
  expect(await typeAt(rig, ['restage list', 'restage load x --yes', 'restage list'])).toMatchInlineSnapshot(`
    "$ restage list
    ! A load of x was interrupted here after 2 steps. Finish it with \`restage load x@VERSION\`, or go back with \`restage undo\`
    NAME  WHERE      LAYERS                          AGE       KEEPS  REMARKS
    x     directory  nodes,environment,data,session  just now  23 B   NOT all kept; before the upgrade
    exit 0
    $ restage load x --yes
    ! load x (VERSION): 4 steps (data 2, session 2), 16 B to write; goes on with one that was interrupted
    !   session  stop    worker  28a3a5 → c071cf
    !   data     remove  extra   11507a
    !   data     put     raw     d9298a → 130799  9 B
    !   session  put     worker  28a3a5 → c071cf  7 B
    ! NOT kept: big 13 B
    ! 1/4 session stop worker: 28a3a5 → c071cf
    ! 2/4 data remove extra: 11507a
    ! 3/4 data put raw: d9298a → 130799
    ! 4/4 session put worker: 28a3a5 → c071cf
    Loaded x: 4 of 4 steps done, verified
    NOT kept: big 13 B
    exit 0
    $ restage list
    NAME  WHERE      LAYERS                          AGE       KEEPS  REMARKS
    x     directory  nodes,environment,data,session  just now  23 B   NOT all kept; before the upgrade
    exit 0"
  `);
});

test('view, list, log and verify', async () => {
  await using rig = await changedRig();
  writeFileSync(join(rig.path, 'bad.snap'), '{}\n');
  expect(await typeAt(rig, ['restage view x', 'restage list', 'restage log', 'restage verify x', 'restage verify bad']))
    .toMatchInlineSnapshot(`
    "$ restage view x
    x  VERSION  sha256:70fb2bdc0f
    saved just now, TIME  by rino on lab; keeps 23 B
    before the upgrade
    WORK/x.snap

    nodes: 2 items
      ITEM   SIZE
      fit01  2
      fit02  2

    environment: 1 items
      ITEM  SIZE
      app   5

    data: 2 items
      ITEM  SIZE
      big   13
      raw   9

    session: 1 items
      ITEM    SIZE
      worker  7

    NOT kept: big 13 B
    exit 0
    $ restage list
    NAME  WHERE      LAYERS                          AGE       KEEPS  REMARKS
    x     directory  nodes,environment,data,session  just now  23 B   NOT all kept; before the upgrade
    bad   directory                                                   DAMAGED: WORK/bad.snap is damaged: it has no record
    exit 0
    $ restage log
    VERSION  SAVED                 BY        NAME  MESSAGE
    VERSION  TIME  rino@lab  x     before the upgrade
    exit 0
    $ restage verify x
    x is whole: 4 contents, 23 B read and hashed
    NOT kept: big 13 B
    exit 0
    $ restage verify bad
    ! restage: WORK/bad.snap is damaged: it has no record
    ! hint: Take NAME@latest, which the store has if it was saved here, or copy the file again
    exit 1"
  `);
});

test('rm and gc say what they take away before they ask', async () => {
  await using rig = await changedRig();
  expect(
    await typeAt(rig, [
      'restage rm x --plan',
      'restage rm x --purge --yes',
      'restage gc --plan',
      'restage gc',
      'restage view x',
    ]),
  ).toMatchInlineSnapshot(`
    "$ restage rm x --plan
    Would remove WORK/x.snap
    exit 0
    $ restage rm x --purge --yes
    ! Would remove WORK/x.snap
    ! Would purge x from the store; 23 B can be freed by restage gc
    Removed WORK/x.snap
    Purged x from the store; 23 B can be freed by restage gc (VERSION)
    exit 0
    $ restage gc --plan
    Would free 0 B of 0 contents that nothing refers to
    23 B stay until they are old enough
    exit 0
    $ restage gc
    Would free 0 B of 0 contents that nothing refers to
    23 B stay until they are old enough
    exit 0
    $ restage view x
    ! restage: there is no snapshot x
    ! hint: List the snapshots with \`restage list\`
    exit 4"
  `);
});

test('export, import and share', async () => {
  await using rig = await changedRig();
  const text = await typeAt(rig, [
    ...['restage export x', 'restage export x', 'restage import x.snap.tar --as y', 'restage share y'],
  ]);
  expect(text.replace(/\S+\/public/g, 'PUBLIC')).toMatchInlineSnapshot(`
    "$ restage export x
    Exported x to WORK/x.snap.tar: 4 contents, 9.2 KB
    NOT kept: big 13 B
    exit 0
    $ restage export x
    ! restage: there is already a WORK/x.snap.tar
    ! hint: Choose another file with -o, or remove it
    exit 3
    $ restage import x.snap.tar --as y
    Imported y VERSION  (nodes, environment, data, session): 4 contents, 0 B new
    NOT kept: big 13 B
    exit 0
    $ restage share y
    Shared y as PUBLIC/y.snap
    23 B new in /var/lib/restage/store
    exit 0"
  `);
});

test('export and share refuse what looks secret, with the whole list', async () => {
  await using rig = await namedRig();
  rig.write('data', { a: `ghp_${'a'.repeat(36)}`, b: `ghp_${'b'.repeat(36)}` });
  await typeAt(rig, ['restage save x -m password=hunter2']);
  expect(await typeAt(rig, ['restage share x', 'restage export x --accept-secrets'])).toMatchInlineSnapshot(`
    "$ restage share x
    ! secret? data sha256:ba94fef946060f5e556722d1f1f4e5e6de65a57de8a3f830c8f130b58031e523 its content holds what looks like a secret
    ! secret? data sha256:218c83c46ff5a3fb20d23c495ae0ca7184fbb2f7952a1165e92c7adcdd5fd3c1 its content holds what looks like a secret
    ! restage: data sha256:ba94fef946060f5e556722d1f1f4e5e6de65a57de8a3f830c8f130b58031e523 its content holds what looks like a secret, and 1 more
    ! hint: Take the secrets out of the experiment and save again
    exit 3
    $ restage export x --accept-secrets
    Exported x to WORK/x.snap.tar: 2 contents, 6.1 KB
    exit 0"
  `);
});

describe('the forms of the original', () => {
  test('snap -s, -l and -v are for nodes alone, rsnap is the same', async () => {
    await using rig = await changedRig();
    expect(await typeAt(rig, ['rsnap -s n', 'restage snap n', 'restage snap -l n --yes', 'restage snap -s -l n']))
      .toMatchInlineSnapshot(`
      "$ rsnap -s n
      Saved n VERSION  (nodes), keeps 5 B
      exit 0
      $ restage snap n
      n  VERSION  sha256:e19f4e88b4
      saved just now, TIME  by rino on lab; keeps 5 B
      WORK/n.snap

      nodes: 2 items
        ITEM   SIZE
        fit01  3
        fit02  2
      exit 0
      $ restage snap -l n --yes
      Nothing to do: all is as in n
      exit 0
      $ restage snap -s -l n
      ! restage: --save and --load exclude each other
      ! hint: Run the command with --help
      exit 2"
    `);
  });
});
