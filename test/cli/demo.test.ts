import { expect, test } from 'vitest';
import type { DemoMachine } from '../../src/cli/commands/demo/machine.ts';
import { typed } from '../rig/cli.ts';
import { temporaryDirectory } from '../rig/temporary-directory.ts';

test('a demo whose step goes wrong says which, cleans up, and ends with 1', async () => {
  using directory = temporaryDirectory();
  const calls: string[] = [];
  const machine: DemoMachine = {
    directory: directory.path,
    restage: async (args) => {
      calls.push(args.join(' '));
      const isBad = args[0] === 'nodes' && args[1] === 'on';
      return { status: isBad ? 1 : 0, stdout: '', stderr: isBad ? 'restage: no card answers\nhint: Look\n' : '' };
    },
    run: async () => ({ status: 0, stdout: '', stderr: '' }),
    write: async () => undefined,
    read: async () => '',
    kill: async () => undefined,
    dispose: async () => {
      calls.push('dispose');
    },
  };
  const { status, stdout, stderr } = await typed('restage demo --json', {
    directory: directory.path,
    engine: { demo: async () => machine },
  });
  expect([status, stdout]).toEqual([1, '']);
  expect(JSON.parse(stderr.trim().split('\n').at(-1) ?? '')).toMatchObject({
    ...{ code: 'demo/failed', message: 'restage nodes on -a: it ended with 1 and not with 0' },
    hint: 'restage: no card answers; hint: Look',
  });
  expect(calls.slice(-3)).toEqual(['session stop --all', 'nodes lab down', 'dispose']);
});
