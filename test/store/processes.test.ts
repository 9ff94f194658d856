import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { directory } from '../../src/store/engines/directory.ts';
import { testContext } from '../rig/context.ts';
import { hasTool } from '../rig/has-tool.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';
import { acknowledged, git, lost, WRITE } from './acknowledged.ts';

const isThere = hasTool('git');

test.skipIf(!isThere)('three processes writing at once lose nothing and mix nothing', async () => {
  using scratch = temporaryDirectory();
  const place = join(scratch.path, '.restage');
  const writers = ['a', 'b', 'c'].map((name) => write(place, name, 60, 8));
  const outputs = await Promise.all(writers);
  const answers = outputs.flatMap(acknowledged);
  expect(answers).toHaveLength(180);
  expect(new Set(answers.map(({ seq }) => seq)).size).toBe(180);
  await using store = await directory.open({ directory: place, mode: 'read' }, testContext());
  expect(await lost(store, answers)).toEqual([]);
  expect((await store.head())?.seq).toBe(180);
  expect(git(place, 'rev-list', '--first-parent', '--count', 'main').trim()).toBe('180');
});

test.skipIf(!isThere)(
  'plain git works beside 64 writers: log, fsck, clone, gc, pack-refs, push',
  { timeout: 120_000 },
  async () => {
    using scratch = temporaryDirectory();
    const place = join(scratch.path, '.restage');
    await using store = await directory.open({ directory: place, mode: 'create' }, testContext());
    await store.commit({ subject: 'first', producer: 'a@test', puts: [{ path: 'pushed/n', bytes: Buffer.from('0') }] });
    const writing = { isOver: false };
    const output = write(place, 'a', 600, 64).finally(() => {
      writing.isOver = true;
    });
    let rounds = 0;
    while (!writing.isOver) {
      const clone = join(scratch.path, `clone${rounds++}`);
      await gitBeside('clone', '--quiet', place, clone);
      await gitBeside('-C', place, 'fsck', '--full', '--strict');
      await gitBeside('-C', place, 'log', '--oneline', '-5');
      await gitBeside('-C', place, 'gc', '--quiet', '--prune=now');
      await gitBeside('-C', place, 'pack-refs', '--all');
      expect(await pushed(clone, rounds)).toBe(true);
    }
    const answers = acknowledged(await output);
    expect(answers).toHaveLength(600);
    const entries = new Map<number, string>();
    let pushes = 0;
    for await (const { seq, version, producer, changes } of store.log(1)) {
      entries.set(seq, version);
      if (producer !== 'Pusher <p@test>') continue;
      pushes++;
      expect(changes).toMatchObject([{ path: 'pushed/n', change: 'put' }]);
    }
    expect(answers.filter(({ seq, version }) => entries.get(seq) !== version)).toEqual([]);
    expect(pushes).toBe(rounds);
    expect(rounds).toBeGreaterThan(0);
    expect(git(place, 'fsck', '--full', '--strict')).not.toMatch(/error|missing|broken/);
    expect((await store.verify()).damaged).toEqual([]);
  },
);

test.skipIf(!isThere)('a repository of plain git is adopted, with its own branch, its tags and its seqs', async () => {
  using scratch = temporaryDirectory();
  const place = join(scratch.path, '.restage');
  const work = join(scratch.path, 'work');
  mkdirSync(place);
  git(scratch.path, 'init', '--quiet', '--bare', '--initial-branch=trunk', join(place, '.git'));
  git(scratch.path, 'clone', '--quiet', join(place, '.git'), work);
  const author = ['-c', 'user.name=Ann', '-c', 'user.email=ann@lab'];
  for (const round of ['one', 'two']) {
    mkdirSync(join(work, 'raw'), { recursive: true });
    writeFileSync(join(work, 'raw/plan'), round);
    git(work, 'add', '.');
    git(work, ...author, 'commit', '--quiet', '--message', round);
  }
  git(work, ...author, 'tag', '--annotate', '--message=x', 'v1', 'HEAD~1');
  git(work, 'push', '--quiet', '--tags', 'origin', 'HEAD:trunk');
  git(place, 'pack-refs', '--all');
  await using store = await directory.open({ directory: place, mode: 'create' }, testContext());
  expect(await store.head()).toMatchObject({ seq: 2 });
  expect(await store.history('raw/plan')).toMatchObject([
    { seq: 2, producer: 'Ann <ann@lab>', subject: 'two', changes: [{ path: 'raw/plan', change: 'put', previous: 1 }] },
    { seq: 1, subject: 'one' },
  ]);
  const tagged = await store.resolve('v1');
  expect((await (await store.read('raw/plan', tagged))?.bytes())?.toString()).toBe('one');
  await store.commit({
    subject: 'three',
    producer: 'us@lab',
    puts: [{ path: 'raw/plan', bytes: Buffer.from('three') }],
  });
  git(work, 'pull', '--quiet', '--ff-only', 'origin', 'trunk');
  expect(git(work, 'show', 'HEAD:raw/plan')).toBe('three');
  expect(git(place, 'config', 'gc.auto').trim()).toBe('0');
});

async function write(place: string, name: string, count: number, clients: number): Promise<string> {
  const child = spawn(process.execPath, [WRITE, place, name, `${count}`, `${clients}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [stdout] = await Promise.all([buffer(child.stdout), once(child, 'close')]);
  return stdout.toString('utf8');
}

async function gitBeside(...args: string[]): Promise<void> {
  const { status, stderr } = await run(args);
  if (status !== 0) throw new Error(`git ${args.join(' ')} ended with ${status}: ${stderr}`);
}

/** Changes a file in a clone and pushes it, again on the newest commit until nobody came between. */
async function pushed(clone: string, round: number): Promise<boolean> {
  const author = ['-c', 'user.name=Pusher', '-c', 'user.email=p@test'];
  for (let attempt = 0; attempt < 200; attempt++) {
    await gitBeside('-C', clone, 'pull', '--quiet', '--ff-only');
    writeFileSync(join(clone, 'pushed/n'), `${round}`);
    await gitBeside('-C', clone, 'add', '.');
    await gitBeside('-C', clone, ...author, 'commit', '--quiet', '--message', `push ${round}`);
    if ((await run(['-C', clone, 'push', '--quiet', 'origin', 'main'])).status === 0) return true;
    await gitBeside('-C', clone, 'reset', '--quiet', '--hard', 'HEAD~1');
  }
  return false;
}

async function run(args: readonly string[]): Promise<{ readonly status: number; readonly stderr: string }> {
  const child = spawn('git', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const [stderr, [status]] = await Promise.all([buffer(child.stderr), once(child, 'close') as Promise<[number]>]);
  return { status, stderr: stderr.toString('utf8') };
}
