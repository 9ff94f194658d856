import fs, { type FileHandle } from 'node:fs/promises';
import { writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Loaded before a program by `node --import`: the program kills itself with SIGKILL at its Nth effect on the disk.
 *
 * An effect is anything that changes or syncs a file through `node:fs/promises`. A write that is hit has written half of
 * its bytes. `RESTAGE_KILL_AT` says which one; 0 kills nothing. `RESTAGE_KILL_COUNT` names a file that gets the number
 * of effects when the program ends by itself.
 */
const killAt = Number(process.env['RESTAGE_KILL_AT'] ?? '0');
const countFile = process.env['RESTAGE_KILL_COUNT'];
let count = 0;

type Call = (this: unknown, ...args: unknown[]) => Promise<unknown>;

patch(fs, ['rename', 'link', 'symlink', 'unlink', 'rm', 'mkdir', 'writeFile', 'appendFile', 'truncate']);
const open: (...args: unknown[]) => Promise<FileHandle> = Reflect.get(fs, 'open') as never;
fs.open = async function (this: unknown, ...args: unknown[]) {
  // Opening for reading is no effect.
  if (args[1] !== 'r' && args[1] !== 0) await effect();
  return open.apply(this, args);
};
const handle = await fs.open(new URL(import.meta.url), 'r');
const prototype = Object.getPrototypeOf(handle) as object;
await handle.close();
patch(prototype, ['sync', 'datasync', 'truncate']);
patchWrites(prototype, ['write', 'writeFile', 'appendFile']);
syncBuiltinESMExports();
if (countFile !== undefined) {
  process.on('exit', () => {
    writeFileSync(countFile, `${count}`);
  });
}

function patch(target: object, names: readonly string[]): void {
  for (const name of names) {
    const original = Reflect.get(target, name) as Call;
    Reflect.set(target, name, async function (this: unknown, ...args: unknown[]) {
      await effect();
      return original.apply(this, args);
    });
  }
}

function patchWrites(target: object, names: readonly string[]): void {
  for (const name of names) {
    const original = Reflect.get(target, name) as Call;
    Reflect.set(target, name, async function (this: unknown, ...args: unknown[]) {
      await effect(async () => {
        const [content, ...rest] = args;
        if (typeof content === 'string') await original.call(this, content.slice(0, content.length / 2), ...rest);
        if (content instanceof Uint8Array && name !== 'write') {
          await original.call(this, content.subarray(0, content.length / 2), ...rest);
        }
        if (content instanceof Uint8Array && name === 'write') {
          const [offset, length, position] = rest as [number, number, number];
          await original.call(this, content, offset, Math.floor(length / 2), position);
        }
      });
      return original.apply(this, args);
    });
  }
}

async function effect(half: () => Promise<void> = async () => undefined): Promise<void> {
  if (++count !== killAt) return;
  await half();
  process.kill(process.pid, 'SIGKILL');
  await new Promise(() => undefined);
}
