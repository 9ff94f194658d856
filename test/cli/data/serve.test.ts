import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Request } from 'zeromq';
import { openData } from '../../../src/data/open-data.ts';
import { directory } from '../../../src/store/engines/directory.ts';
import { homeVariables, typed } from '../../rig/cli.ts';
import { testContext } from '../../rig/context.ts';
import { configurationOf, firstOf } from '../../rig/data.ts';
import { temporaryDirectory } from '../../rig/temporary-directory.ts';

const MAIN = join(import.meta.dirname, '../../../src/main.ts');

/** A command that goes on in a process of its own; killed when disposed. */
interface Running extends AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  /** Waits for text on stdout or stderr. */
  readonly said: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly ended: Promise<{ readonly status: number | null; readonly stderr: string }>;
}

function start(cwd: string, ...args: string[]): Running {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env: { ...process.env, ...homeVariables(cwd) } });
  let [all, stderr] = ['', ''];
  let more = Promise.withResolvers<undefined>();
  const take = (part: Buffer) => {
    all += part.toString();
    more.resolve(undefined);
    more = Promise.withResolvers();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', (part: Buffer) => {
    stderr += part.toString();
    take(part);
  });
  const ended = once(child, 'close').then(([status]) => ({ status: status as number | null, stderr }));
  return {
    child,
    ended,
    said: async (pattern) => {
      for (;;) {
        const found = pattern.exec(all);
        if (found) return found;
        const over = await Promise.race([more.promise, ended]);
        if (over && !pattern.test(all)) throw new Error(`ended with ${String(over.status)}: ${all}`);
      }
    },
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

test('serve says its ports, answers, and ends with 0 at SIGTERM; a port that is taken ends with 4', async () => {
  using place = temporaryDirectory();
  await typed('restage init', { directory: place.path });
  await using serving = start(place.path, 'serve', '--rep-port', '0', '--pub-port', '0');
  const [, port = '', pubPort = ''] = await serving.said(/requests on tcp:\/\/127\.0\.0\.1:(\d+), .*:(\d+)\n/);
  const request = new Request({ linger: 0, receiveTimeout: 20_000 });
  request.connect(`tcp://127.0.0.1:${port}`);
  await request.send('=====PUT raw qplan\n\tserved');
  expect(String(await request.receive())).toBe('OK');
  expect((await typed('restage data get qplan/raw', { directory: place.path })).stdout).toBe('served');

  const taken = await typed(`restage serve --rep-port 0 --pub-port ${pubPort}`, { directory: place.path });
  expect(taken).toMatchObject({
    status: 4,
    stderr: `restage: port ${pubPort} is taken (--pub-port)\nhint: Choose another one with --pub-port, or 0 for any that is free\n`,
  });

  await request.send('=====PUT last\n\twords');
  expect(String(await request.receive())).toBe('OK');
  request.close();
  serving.child.kill('SIGTERM');
  expect(await serving.ended).toMatchObject({ status: 0 });
  expect((await typed('restage data get last', { directory: place.path })).stdout).toBe('words');
});

test('serve --dir serves another workspace', async () => {
  using place = temporaryDirectory();
  const other = join(place.path, 'other');
  mkdirSync(other);
  await typed('restage init', { directory: other });
  await typed('restage data put there', { directory: other, input: 'x' });
  await using serving = start(place.path, 'serve', '--dir', 'other', '--rep-port', '0', '--pub-port', '0');
  const [, port = ''] = await serving.said(/requests on tcp:\/\/127\.0\.0\.1:(\d+)/);
  const request = new Request({ linger: 0, receiveTimeout: 20_000 });
  request.connect(`tcp://127.0.0.1:${port}`);
  await request.send('=====GET there');
  expect(String(await request.receive())).toMatch(/^=====there\n/);
  request.close();
  serving.child.kill('SIGINT');
  expect(await serving.ended).toMatchObject({ status: 0 });
});

test('watch shows what comes from other processes, and its program sees the event', async () => {
  using place = temporaryDirectory();
  const at = { directory: place.path };
  await typed('restage init', at);
  await typed('restage data put qplan/raw --producer me', { ...at, input: 'one' });
  const script = `sh -c 'echo "ran $RESTAGE_STREAM $RESTAGE_SEQ $RESTAGE_SIZE"'`;
  await using watching = start(place.path, 'data', 'watch', 'qplan', '--from', 'beginning', '--exec', script);
  await watching.said(/^1 {5}qplan raw {11}[0-9a-f]{10} {2}me {12}3 B\nran qplan\/raw 1 3\n/);
  await typed('restage data put other', { ...at, input: 'x' });
  await typed('restage data put qplan/results', { ...at, input: 'result' });
  await watching.said(/\n3 {5}qplan results .*\nran qplan\/results 3 6\n/);
  watching.child.kill('SIGINT');
  expect(await watching.ended).toMatchObject({ status: 130 });
});

test('a cursor is not moved by a consumer that was killed: the event comes again, and is counted', async () => {
  using place = temporaryDirectory();
  const at = { directory: place.path };
  await typed('restage init', at);
  for (const text of ['1', '2']) await typed(`restage data put s`, { ...at, input: text });
  writeFileSync(join(place.path, 'consume.sh'), 'test "$RESTAGE_SEQ" = 1 || sleep 2\n');
  await using watching = start(place.path, 'data', 'watch', '--cursor', 'c', '--from', '1', '--exec', 'sh consume.sh');
  await watching.said(/^1 .*\n2 /);
  watching.child.kill('SIGKILL');
  await watching.ended;
  // Leases end after a minute: this is another process, a little later.
  const now = Date.now() + 61_000;
  const context = testContext({ clock: { ...testContext().clock, now: () => now } });
  await using store = await directory.open({ directory: join(place.path, '.restage'), mode: 'write' }, context);
  const data = openData({ ...context, store, configuration: configurationOf('') });
  const request = { topics: [], from: 'beginning', latest: false, cursor: 'c' };
  expect(await firstOf(data.watch(request), 1)).toMatchObject([{ event: { seq: 2 }, attempt: 2 }]);
});
