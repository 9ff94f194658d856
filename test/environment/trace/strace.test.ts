import { describe, expect, test } from 'vitest';
import { ownerFinder } from '../../../src/environment/owners.ts';
import { groupByOwner, traceCommand } from '../../../src/environment/trace/command.ts';
import { parseTrace, rolesOf } from '../../../src/environment/trace/strace.ts';
import type { EnvironmentSpec } from '../../../src/model/environment.ts';
import { hasTool } from '../../rig/has-tool.ts';
import { environmentRig } from '../rig.ts';

describe('the lines of strace', () => {
  test.each([
    {
      line: 'openat(AT_FDCWD</w>, "a", O_RDONLY|O_CLOEXEC) = 3</real/a>',
      uses: [['/real/a', 'read']],
      why: 'the resolved path counts',
    },
    { line: 'openat(AT_FDCWD</w>, "a", O_WRONLY|O_CREAT, 0666) = 3</w/a>', uses: [['/w/a', 'write']], why: 'a write' },
    { line: 'openat(AT_FDCWD</w>, ".", O_RDONLY|O_DIRECTORY) = 3</w>', uses: [], why: 'a directory' },
    { line: 'openat(AT_FDCWD</w>, "b", O_RDONLY) = -1 ENOENT (No such file)', uses: [], why: 'a failure' },
    {
      line: 'openat(AT_FDCWD</w>, "\\303\\244", O_RDONLY) = 3</w/\\303\\244>',
      uses: [['/w/ä', 'read']],
      why: 'octal digits are UTF-8',
    },
    { line: 'openat(AT_FDCWD</w>, "/proc/self/maps", O_RDONLY) = 3</proc/1/maps>', uses: [], why: 'no file of a disk' },
    {
      line: 'execve("/bin/sh", ["sh", "-c", "x"], 0x1 /* 3 vars */) = 0',
      uses: [['/bin/sh', 'run']],
      why: 'a program',
    },
    { line: 'execve("./run", ["./run"], 0x1 /* 3 vars */) = 0', uses: [['/begin/run', 'run']], why: 'one beside' },
    {
      line: 'rename("x", "/w/y") = 0',
      uses: [
        ['/w/y', 'write'],
        ['/begin/x', 'remove'],
      ],
      why: 'a new name',
    },
    { line: 'unlink("\\"q\\"") = 0', uses: [['/begin/"q"', 'remove']], why: 'quotes in a name' },
    { line: '+++ exited with 0 +++', uses: [], why: 'the end' },
  ])('$line: $why', ({ line, uses }) => {
    expect(parseTrace(line, '/begin').uses.map(({ path, how }) => [path, how])).toEqual(uses);
  });

  test('a change of directory counts from there on', () => {
    expect(parseTrace('chdir("sub") = 0\nunlink("x") = 0\n', '/w').uses).toEqual([{ path: '/w/sub/x', how: 'remove' }]);
  });

  test('roles: what was read before it was written is no input any more, what was removed is in passing', () => {
    const uses = (...list: (readonly [string, 'read' | 'write' | 'remove' | 'run'])[]) => ({
      uses: list.map(([path, how]) => ({ path, how })),
    });
    const roles = rolesOf([
      uses(['/in', 'read'], ['/out', 'write'], ['/tmp/x', 'write'], ['/both', 'read']),
      uses(['/tmp/x', 'read'], ['/both', 'write'], ['/tmp/x', 'remove'], ['/in', 'run']),
    ]);
    expect([...roles]).toEqual([
      ['/in', 'input'],
      ['/out', 'output'],
      ['/both', 'output'],
    ]);
  });
});

test('files are counted by owner: trees of the workspace first, then dpkg, also where /usr was merged', () => {
  const base = {
    os: { id: null, versionId: null, codename: null },
    arch: null,
    kernel: null,
    libc: null,
    cpu: { model: null },
  };
  const content = { files: 1, digest: `sha256:${'0'.repeat(64)}` };
  const none = { name: null, version: null, integrity: null, resolved: null, link: null, content };
  const spec = {
    ...{ how: 'observed', mode: 'machine', base, env: { set: {}, path: [], activate: [], dropped: [] } },
    distributions: [
      {
        type: 'npm',
        root: 'app',
        how: 'observed',
        name: 'app',
        rest: content,
        manifests: [],
        kept: null,
        packages: [{ ...none, path: 'node_modules/a', version: '1.0.0' }],
      },
    ],
  } as unknown as EnvironmentSpec;
  const find = ownerFinder(spec, '/w', new Map([['/lib/x.so', 'libx:amd64']]));
  const files = {
    '/w/app/node_modules/a/i.js': 'input',
    '/usr/lib/x.so': 'input',
    '/lib/x.so': 'input',
    '/w/out': 'output',
  } as const;
  expect(groupByOwner(files, find)).toEqual({
    packages: [
      { type: 'apt', root: '/', name: 'libx:amd64', version: null, files: 2 },
      { type: 'npm', root: 'app', name: 'node_modules/a', version: '1.0.0', files: 1 },
    ],
    loose: [{ path: '/w/out', role: 'output' }],
  });
});

describe.skipIf(!hasTool('strace', ['-qq', '-o', '/dev/null', 'true']))('a traced command', () => {
  test('is known by what it read and wrote, over all of its processes, also when it fails', async () => {
    await using rig = await environmentRig();
    rig.write('in put', 'data\n');
    const printed: string[] = [];
    const traced = await traceCommand(
      {
        argv: ['sh', '-c', 'cat "in put" > out; touch passing; rm passing; echo said; exit 3', '--password=hunter2'],
        directory: rig.path,
        output: (bytes, stream) => printed.push(`${stream} ${Buffer.from(bytes).toString()}`),
      },
      rig.effects,
    );
    expect(traced).toMatchObject({ exit: 3, how: 'observed' });
    expect(traced.processes).toBeGreaterThan(3);
    const ours = Object.entries(traced.files).filter(([path]) => path.startsWith(rig.path));
    expect(ours.map(([path, role]) => [path.slice(rig.path.length + 1), role])).toEqual([
      ['in put', 'input'],
      ['out', 'output'],
    ]);
    expect(traced.argv.at(-1)).toBe('--password=***');
    expect(printed).toEqual(['stdout said\n']);
  });
});

test('a command runs where no tracer works, and its files are then unknown', async () => {
  await using rig = await environmentRig();
  const none = { status: 127, stdout: '', stdoutBytes: Buffer.alloc(0), stderr: '' };
  const traced = await traceCommand(
    { argv: ['sh', '-c', 'exit 4'], directory: rig.path, output: () => undefined },
    { ...rig.effects, exec: async () => none },
  );
  expect(traced).toMatchObject({ exit: 4, how: 'unknown', files: {} });
});
