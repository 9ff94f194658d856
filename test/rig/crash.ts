import type { SnapshotContext } from '../../src/snapshot/context.ts';
import type { Layer } from '../../src/snapshot/layer.ts';
import { openJournal, readJournal } from '../../src/store/journal.ts';

/** Thrown by every effect of a process that has crashed: it does nothing more, not even clean up. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** A process that crashes at its nth effect, as the workspace sees it. */
export interface CrashingProcess {
  readonly context: SnapshotContext;
  /** How many effects there were; the crash has happened if it is above `at`. */
  readonly effects: () => number;
}

const FILE_EFFECTS: ReadonlySet<string> = new Set(
  'write append create open rename link remove makeDirectory makeLink setMode syncDirectory'.split(' '),
);
const STORE_EFFECTS: ReadonlySet<string> = new Set(['commit', 'putBlob']);

/**
 * Another process on the workspace, that dies before effect number `at`, which is after the one before.
 *
 * An effect is a change of files, of the store, or by a step of a layer. Its identity names no process that lives, so
 * that the next one finds it gone.
 */
export function crashingProcess(context: SnapshotContext, at: number): CrashingProcess {
  let count = 0;
  let isDead = false;
  const guard = (isEffect: boolean, call: () => unknown): unknown => {
    if (isEffect && count++ === at) isDead = true;
    return isDead ? Promise.reject(new Crash('killed')) : call();
  };
  const files = guarded(context.files, FILE_EFFECTS, guard);
  const crashing: SnapshotContext = {
    ...context,
    files,
    store: guarded(context.store, STORE_EFFECTS, guard),
    host: { ...context.host, pid: 2 ** 30, startTicks: 1 },
    layers: context.layers.map((layer): Layer => guarded(layer, new Set(['apply']), guard)),
    journals: { open: (path) => openJournal(path, files), read: (path) => readJournal(path, files) },
  };
  return { context: crashing, effects: () => count };
}

function guarded<Target extends object>(
  target: Target,
  effects: ReadonlySet<string>,
  guard: (isEffect: boolean, call: () => unknown) => unknown,
): Target {
  return new Proxy(target, {
    get(object, key) {
      const member: unknown = Reflect.get(object, key, object);
      if (typeof member !== 'function') return member;
      const isAsync = effects.has(String(key));
      return (...args: readonly unknown[]) => guard(isAsync, () => Reflect.apply(member, object, args) as unknown);
    },
  });
}
