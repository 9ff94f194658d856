import { describe, expect, test } from 'vitest';
import { redactRemote } from '../../../src/environment/distributions/git/driver.ts';
import { canonicalJson } from '../../../src/model/json.ts';
import { hasTool } from '../../rig/has-tool.ts';
import { distributionOf, environmentRig, initGit, texts } from '../rig.ts';

test.each([
  { url: 'https://ada:pw@host/x.git', shown: 'https://host/x.git', why: 'a password' },
  { url: 'https://ghp_abc@host/x.git', shown: 'https://host/x.git', why: 'a token in place of the user' },
  { url: 'git@host:x.git', shown: 'git@host:x.git', why: 'the user of ssh is no secret' },
  { url: 'ssh://git@host/x.git', shown: 'ssh://git@host/x.git', why: 'nor here' },
  { url: '/srv/x.git', shown: '/srv/x.git', why: 'a path' },
])('the remote $url is shown as $shown: $why', ({ url, shown }) => {
  expect(redactRemote(url)).toBe(shown);
});

describe.skipIf(!hasTool('git'))('a git work tree', () => {
  test('is captured without touching its index, its refs or its stash', async () => {
    await using rig = await environmentRig();
    initGit(rig, 'app');
    rig.write('app/src/x.js', 'changed\n');
    const before = [rig.inode('app/.git/index'), rig.git('app', 'for-each-ref'), rig.git('app', 'stash', 'list')];
    const stat = rig.git('app', 'ls-files', '--debug');
    await rig.save();
    expect([rig.inode('app/.git/index'), rig.git('app', 'for-each-ref'), rig.git('app', 'stash', 'list')]).toEqual(
      before,
    );
    expect(rig.git('app', 'ls-files', '--debug')).toBe(stat);
  });

  test('names staged, unstaged, deleted and untracked files, each exactly once', async () => {
    await using rig = await environmentRig();
    initGit(rig, 'app');
    rig.write('app/b.txt', 'b\n');
    rig.git('app', 'add', 'b.txt');
    const clean = await rig.save();
    rig.write('app/src/x.js', 'changed\n');
    rig.remove('app/a.txt');
    rig.write('app/b.txt', 'b2\n');
    rig.write('app/new file', 'n\n');
    expect(texts(await rig.diff(clean))).toEqual([
      'git app a.txt as committed -> deleted',
      'git app b.txt staged -> staged and modified',
      'git app new file + untracked',
      'git app src/x.js as committed -> modified',
    ]);
  });

  test('comes back byte for byte: staged and unstaged work, modes, links, deletions, odd names, binary content', async () => {
    await using rig = await environmentRig();
    initGit(rig, '.');
    rig.write('odd "näme"\t', 'odd\n');
    rig.write('both', 'one\n');
    rig.git('.', 'add', '.');
    rig.git('.', 'commit', '-qm', 'more');
    rig.write('both', 'staged\n');
    rig.write('added', 'added\n');
    rig.git('.', 'add', 'both', 'added');
    rig.write('both', 'and not staged\r\n');
    rig.write(
      'src/x.js',
      Uint8Array.from({ length: 3000 }, (_, index) => index % 256),
    );
    rig.run('chmod', ['755', 'src/x.js']);
    rig.remove('a.txt');
    rig.run('ln', ['-s', 'src/x.js', 'link']);
    rig.write('odd "näme"\t', 'changed\n');
    rig.write('deep/er/untracked', 'u\n');
    const [want, status, staged] = [
      await rig.save(),
      rig.git('.', 'status', '--porcelain'),
      rig.git('.', 'diff', '--cached'),
    ];
    const binary = rig.run('sha256sum', ['src/x.js']);

    rig.git('.', 'reset', '-q', '--hard');
    rig.git('.', 'clean', '-fdqx');
    rig.write('extra/file', 'not there before\n');
    await rig.load(want);
    expect(rig.git('.', 'status', '--porcelain')).toBe(status);
    expect(rig.git('.', 'diff', '--cached')).toBe(staged);
    expect(rig.run('sha256sum', ['src/x.js'])).toBe(binary);
    expect(rig.read('both')).toBe('and not staged\r\n');
    expect(rig.exists('extra'), 'an emptied folder goes with its file').toBe(false);
    expect(canonicalJson(await rig.save())).toBe(canonicalJson(want));
    expect((await rig.plan(want)).steps).toEqual([]);
  });

  test('touches only the files that differ', async () => {
    await using rig = await environmentRig();
    initGit(rig, 'app');
    rig.write('app/a.txt', 'work\n');
    rig.write('app/src/x.js', 'work\n');
    const want = await rig.save();
    const inode = rig.inode('app/a.txt');
    rig.write('app/src/x.js', 'wrecked\n');
    expect((await rig.load(want)).steps).toMatchObject([{ action: 'restore', item: 'git app src/x.js' }]);
    expect(rig.inode('app/a.txt')).toBe(inode);
    expect(rig.read('app/src/x.js')).toBe('work\n');
  });

  test('says which files a load takes away, and leaves snapshots and their bundles alone', async () => {
    await using rig = await environmentRig();
    initGit(rig, 'app');
    const want = await rig.save();
    for (const file of ['one', 'x.snap', 'x.snap.tar']) rig.write(`app/${file}`, 'new\n');
    expect((await rig.plan(want)).steps).toMatchObject([{ item: 'git app one', to: 'taken away' }]);
    rig.write('app/two', 'new\n');
    rig.write('app/a.txt', 'changed\n');
    expect((await rig.load(want)).steps).toMatchObject([{ to: '1 file: a.txt; 2 taken away: one, two' }]);
    expect(['one', 'two', 'x.snap', 'x.snap.tar'].map((file) => rig.exists(`app/${file}`))).toEqual([
      ...[false, false, true, true],
    ]);
  });

  test('never moves a branch: another commit is checked out detached, and undo goes back to the branch', async () => {
    await using rig = await environmentRig();
    initGit(rig, 'app');
    const first = await rig.save();
    rig.write('app/a.txt', 'second\n');
    rig.git('app', 'commit', '-qam', 'second');
    rig.write('app/src/x.js', 'not committed\n');
    const second = await rig.save();
    const refs = rig.git('app', 'for-each-ref');

    const { steps } = await rig.load(first);
    expect(steps).toMatchObject([{ action: 'checkout' }]);
    expect(rig.git('app', 'for-each-ref')).toBe(refs);
    expect(rig.git('app', 'status', '--porcelain', '--branch')).toBe('## HEAD (no branch)\n');
    expect(rig.read('app/a.txt')).toBe('a\n');
    expect((await rig.plan(first)).steps, 'a detached HEAD at the same commit is no difference').toEqual([]);

    await rig.load(second);
    expect(rig.git('app', 'for-each-ref')).toBe(refs);
    expect(rig.git('app', 'branch', '--show-current')).toBe('main\n');
    expect(rig.read('app/src/x.js')).toBe('not committed\n');
  });

  test('comes back whole, with all commits that no remote has, when the folder is gone', async () => {
    await using rig = await environmentRig();
    initGit(rig, 'app');
    rig.write('app/a.txt', 'work\n');
    const want = await rig.save();
    rig.remove('app');
    expect(texts(await rig.diff(want))).toMatchObject([expect.stringMatching(/^git app - [0-9a-f]{10} \(main\)$/)]);
    await rig.load(want);
    expect(rig.git('app', 'log', '--format=%s')).toBe('first\n');
    expect(rig.git('app', 'branch', '--show-current')).toBe('main\n');
    expect(rig.git('app', 'fsck', '--strict')).toBe('');
    expect(canonicalJson(await rig.save())).toBe(canonicalJson(want));
  });

  test('keeps only commits that no remote has, and says what is missing where the others are not', async () => {
    await using rig = await environmentRig();
    initGit(rig, 'app');
    rig.run('git', ['clone', '-q', '--bare', 'app', 'origin.git']);
    rig.git('app', 'remote', 'add', 'origin', `file://${rig.path}/origin.git`);
    rig.git('app', 'fetch', '-q', 'origin');
    const published = await rig.save();
    expect(distributionOf(published, 'git', 'app').kept).toMatchObject({ commits: null });
    rig.write('app/a.txt', 'local\n');
    rig.git('app', 'commit', '-qam', 'local');
    const local = await rig.save();
    expect(distributionOf(local, 'git', 'app').kept.upon).toEqual([distributionOf(published, 'git', 'app').commit]);

    // A new clone has what was published, and gets the rest from what was kept.
    rig.remove('app');
    rig.run('git', ['clone', '-q', 'origin.git', 'app']);
    await rig.load(local);
    expect(rig.git('app', 'log', '-1', '--format=%s')).toBe('local\n');
    expect(rig.git('app', 'branch', '--show-current'), 'main is elsewhere, so HEAD is detached').toBe('');

    rig.remove('app');
    const { steps, impossible } = await rig.plan(local);
    expect(steps).toEqual([]);
    expect(impossible).toMatchObject([{ item: 'git app', hint: expect.stringMatching(/^Clone file:/) as string }]);
  });

  test('holds secrets by digest only, and never loses what could not be kept', async () => {
    await using rig = await environmentRig({ settings: { 'environment.loose_cap': '1K' } });
    initGit(rig, 'app');
    const clean = await rig.save();
    rig.write('app/.env', 'API_TOKEN=hunter2hunter2\n');
    rig.write('app/big.bin', 'x'.repeat(2000));
    const { body, notKept } = await rig.capture();
    expect(notKept).toEqual([
      { what: 'git app .env', bytes: 25 },
      { what: 'git app big.bin', bytes: 2000 },
    ]);
    expect(canonicalJson(body)).not.toContain('hunter2');
    // Loading the clean state would remove both; since nobody has a copy they stay, and that is said.
    const { left } = await rig.load(clean);
    expect(left.map(({ item }) => item)).toEqual(['git app .env', 'git app big.bin']);
    expect(rig.exists('app/.env') && rig.exists('app/big.bin')).toBe(true);
    // And what is there now must not be overwritten.
    rig.write('app/big.bin', 'small enough\n');
    const small = await rig.save();
    rig.write('app/big.bin', 'y'.repeat(2000));
    expect((await rig.plan(small)).impossible).toMatchObject([{ item: 'git app big.bin' }]);
  });

  test('refuses a checkout over uncommitted work that could not be kept', async () => {
    await using rig = await environmentRig();
    initGit(rig, 'app');
    rig.write('app/credentials.json', '{}\n');
    rig.git('app', 'add', '.');
    rig.git('app', 'commit', '-qm', 'second');
    const second = await rig.save();
    rig.write('app/a.txt', 'third\n');
    rig.git('app', 'commit', '-qam', 'third');
    rig.write('app/credentials.json', '{"password": "hunter2"}\n');
    expect((await rig.plan(second)).impossible).toMatchObject([{ item: 'git app credentials.json' }]);
  });

  test('leaves snapshots, its own folder and those of a session alone', async () => {
    await using rig = await environmentRig();
    initGit(rig, '.');
    rig.write('etc/session.yaml', 'dependences: {}\n');
    const want = await rig.save();
    for (const path of ['demo.snap', '.restage/x', 'out/u.out', 'pid/u.pid']) rig.write(path, 'x\n');
    expect(await rig.diff(want)).toEqual([]);
    rig.write('results/r.csv', '1\n');
    expect(texts(await rig.diff(want))).toEqual(['git results/r.csv + untracked']);
  });

  test('names its submodules, whose work trees are captured as their own', async () => {
    await using rig = await environmentRig();
    initGit(rig, 'lib');
    initGit(rig, 'app');
    rig.git('app', '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', `${rig.path}/lib`, 'lib');
    rig.git('app', 'commit', '-qm', 'with lib');
    const want = await rig.save();
    const { submodules, changes } = distributionOf(want, 'git', 'app');
    expect(submodules).toMatchObject([{ path: 'lib', url: `${rig.path}/lib` }]);
    expect(changes).toEqual([]);
    rig.write('app/lib/a.txt', 'changed\n');
    expect(texts(await rig.diff(want))).toEqual(['git app/lib a.txt as committed -> modified']);
    await rig.load(want);
    expect(rig.read('app/lib/a.txt')).toBe('a\n');
  });

  test('has no credentials of its remotes, and leaves remotes as they are', async () => {
    await using rig = await environmentRig();
    initGit(rig, 'app');
    const without = await rig.save();
    rig.git('app', 'remote', 'add', 'origin', 'https://ada:hunter2@example.org/x.git');
    const body = await rig.save();
    expect(canonicalJson(body)).not.toContain('hunter2');
    expect(texts(rig.layer.diff(without, body))).toEqual(['git app remote origin + https://example.org/x.git']);
    const { steps, left } = await rig.plan(without);
    expect(steps).toEqual([]);
    expect(left).toMatchObject([{ item: 'git app remote origin' }]);
  });

  test('is captured before its first commit, and a tree that git refuses is said and left out', async () => {
    await using rig = await environmentRig();
    rig.write('app/a.txt', 'a\n');
    rig.git('app', 'init', '-q', '--initial-branch=main');
    expect(distributionOf(await rig.save(), 'git', 'app')).toMatchObject({ commit: null, branch: 'main' });
    rig.write('broken/.git', 'gitdir: /nowhere\n');
    const { unresolved } = await rig.capture();
    expect(unresolved).toMatchObject([{ item: 'git broken' }]);
  });

  test('knows a state in a merge by its content', async () => {
    await using rig = await environmentRig();
    initGit(rig, 'app');
    rig.git('app', 'checkout', '-qb', 'other');
    rig.write('app/a.txt', 'theirs\n');
    rig.git('app', 'commit', '-qam', 'theirs');
    rig.git('app', 'checkout', '-q', 'main');
    rig.write('app/a.txt', 'ours\n');
    rig.git('app', 'commit', '-qam', 'ours');
    expect(() => rig.git('app', 'merge', 'other')).toThrow();
    const { body, unresolved } = await rig.capture();
    expect(unresolved).toMatchObject([{ item: 'git app a.txt' }]);
    const text = rig.read('app/a.txt');
    rig.git('app', 'merge', '--abort');
    await rig.load(body);
    expect(rig.read('app/a.txt')).toBe(text);
  });
});
