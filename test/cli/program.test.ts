import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { homeVariables, runRestage } from '../rig/cli.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';

const launcher = join(import.meta.dirname, '../../bin/restage');
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };

/** A command that goes on until it is ended, and what it prints on stderr. */
function start(args: readonly string[], cwd: string): ChildProcessByStdio<null, Readable, Readable> {
  const env = { ...process.env, ...homeVariables(cwd) };
  return spawn(launcher, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function workspaceWithStream(cwd: string): Promise<void> {
  expect(await runRestage(['init'], { cwd })).toMatchObject({ status: 0 });
  expect(await put('1', cwd)).toMatchObject({ status: 0 });
}

function put(input: string, cwd: string): ReturnType<typeof runRestage> {
  return runRestage(['data', 'put', 'notes'], { cwd, input });
}

describe('the launcher', () => {
  test('says its version', async () => {
    using directory = temporaryDirectory();
    const ran = await runRestage(['--version'], { cwd: directory.path });
    expect(ran).toEqual({ status: 0, stdout: `restage ${version}\n`, stderr: '' });
  });

  test('rsnap is the program of the snapshots of a testbed', async () => {
    using directory = temporaryDirectory();
    const { status, stdout } = await runRestage(['--help'], { cwd: directory.path, program: 'rsnap' });
    expect([status, stdout.split('\n')[0]]).toEqual([0, 'Usage: restage snap NAME [NODES...] [options]']);
  });

  test('a link with another name is another program, also over a chain of links', async () => {
    using directory = temporaryDirectory();
    symlinkSync(launcher, join(directory.path, 'first'));
    symlinkSync('first', join(directory.path, 'rhubarbe-load'));
    const child = spawn(join(directory.path, 'rhubarbe-load'), ['--help'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [text] = await Promise.all([buffer(child.stdout), once(child, 'close')]);
    expect(text.toString('utf8')).toMatch(/^Usage: restage nodes load /);
  });
});

describe('restage links', () => {
  test('makes the other names once, and leaves alone what is something else', async () => {
    using directory = temporaryDirectory();
    const bin = join(directory.path, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'snap'), 'the one of Ubuntu');
    const first = await runRestage(['links', 'bin'], { cwd: directory.path });
    expect(first).toMatchObject({ status: 1, stdout: `29 links made in ${bin}, 0 were there\n` });
    expect(first.stderr).toBe(`restage: ${join(bin, 'snap')} is something else and stays as it is\n`);
    expect(realpathSync(join(bin, 'restage-load'))).toBe(realpathSync(launcher));
    const second = await runRestage(['links', 'bin', '--json'], { cwd: directory.path });
    expect(JSON.parse(second.stdout)).toMatchObject({
      links: expect.arrayContaining([{ name: 'rload', result: 'present' }]) as unknown,
    });
    expect(readFileSync(join(bin, 'snap'), 'utf8')).toBe('the one of Ubuntu');
  });

  test('with --plan it only says the names', async () => {
    using directory = temporaryDirectory();
    const { stdout } = await runRestage(['links', '--plan'], { cwd: directory.path });
    expect(stdout.split('\n')).toEqual(
      expect.arrayContaining(['rhubarbe', 'rhubarbe-load', 'restage-wait', 'rload', 'snap']),
    );
  });
});

describe('what ends a command from outside', () => {
  test.each([
    { signal: 'SIGINT', why: 'Ctrl-C' },
    { signal: 'SIGTERM', why: 'kill' },
  ] as const)('$signal ($why) stops it cleanly with 130', async ({ signal }) => {
    using directory = temporaryDirectory();
    await workspaceWithStream(directory.path);
    const child = start(['data', 'watch', '--from', 'beginning'], directory.path);
    const errors = buffer(child.stderr);
    await once(child.stdout, 'data'); // It is at work.
    child.kill(signal);
    expect(await once(child, 'close')).toEqual([130, null]);
    expect((await errors).toString('utf8')).toContain('stopping; once more stops at once\nrestage: interrupted\n');
  });

  test('the deadline ends it with 124', async () => {
    using directory = temporaryDirectory();
    await workspaceWithStream(directory.path);
    const { status, stderr } = await runRestage(['data', 'watch', '--timeout', '0.5'], { cwd: directory.path });
    expect([status, stderr]).toEqual([124, 'restage: not done after 0.5 s\nhint: Give more time with --timeout\n']);
  });

  test('a reader that has seen enough, such as head, ends it without a word', async () => {
    using directory = temporaryDirectory();
    await workspaceWithStream(directory.path);
    const child = start(['data', 'watch', '--from', 'beginning'], directory.path);
    const [errors, ended] = [buffer(child.stderr), once(child, 'close')];
    await once(child.stdout, 'data');
    child.stdout.destroy();
    await put('2', directory.path);
    expect(await ended).toEqual([130, null]);
    expect((await errors).toString('utf8')).toBe('');
  });
});
