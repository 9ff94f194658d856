import { appendFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { LogLine } from '../../src/model/session-report.ts';
import type { LogsRequest } from '../../src/model/session-request.ts';
import { sessionRig, until, type SessionRig } from '../rig/session.ts';

const ALL: LogsRequest = { units: ['a'], out: false, err: false, lines: 50, follow: false };

async function linesOf(rig: SessionRig, request: Partial<LogsRequest>): Promise<string[]> {
  const lines: string[] = [];
  for await (const { stream, line } of rig.session.logs({ ...ALL, ...request })) lines.push(`${stream} ${line}`);
  return lines;
}

test('the last lines of each stream, one stream, none', async () => {
  await using rig = await sessionRig();
  await rig.start(['sh', '-c', 'for i in 1 2 3 4; do echo o$i; echo e$i >&2; done; printf open'], { alias: 'a' });
  expect(await linesOf(rig, { lines: 2 })).toEqual(['out o4', 'out open', 'err e3', 'err e4']);
  expect(await linesOf(rig, { err: true })).toEqual(['err e1', 'err e2', 'err e3', 'err e4']);
  expect(await linesOf(rig, { lines: 0 })).toEqual([]);
  await expect(linesOf(rig, { units: ['b'] })).rejects.toMatchObject({ code: 'session/unknown-unit' });
});

test('a flood goes straight to its file, and its end is found without reading it', async () => {
  await using rig = await sessionRig();
  const script = `i=0; while [ $i -lt 20000 ]; do printf '%0100d\\n' $i; i=$((i+1)); done; echo last; sleep 600`;
  const { units } = await rig.start(['sh', '-c', script], { alias: 'a' });
  await until('it has printed all', () => rig.read(`out/${units[0]?.name ?? ''}.out`).endsWith('last\n'));
  let read = 0;
  const { files } = rig.context;
  const counting = rig.as({
    files: {
      ...files,
      open: async (path, mode) => {
        const file = await files.open(path, mode);
        return {
          ...file,
          read: (at, length) => {
            read += length;
            return file.read(at, length);
          },
        };
      },
    },
  });
  const lines: string[] = [];
  for await (const { line } of counting.logs({ ...ALL, out: true, lines: 3 })) lines.push(line);
  expect(lines).toEqual(['19998', '19999'].map((text) => text.padStart(100, '0')).concat('last'));
  expect(read).toBeLessThan(200_000);
});

test('with follow, all that comes: in pieces, after the file was cut, until the command is interrupted', async () => {
  await using rig = await sessionRig();
  const { units } = await rig.start(['sh', '-c', 'echo first; sleep 600'], { alias: 'a' });
  const file = join(rig.path, 'out', `${units[0]?.name ?? ''}.out`);
  const lines: string[] = [];
  const following = (async () => {
    for await (const line of rig.session.logs({ ...ALL, follow: true })) lines.push((line satisfies LogLine).line);
  })();
  const ended = expect(following).rejects.toThrow('enough');
  await until('the first line', () => lines.join() === 'first');
  appendFileSync(file, 'sec');
  appendFileSync(file, 'ond\nthird\n');
  await until('the next lines', () => lines.join() === 'first,second,third');
  truncateSync(file);
  appendFileSync(file, 'new\n');
  await until('what came after the cut', () => lines.at(-1) === 'new');
  rig.abort(new Error('enough'));
  await ended;
});
