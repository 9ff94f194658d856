import type { Context } from '../../platform/context.ts';

/** Wakes those who wait for the branch to move, whoever moves it. */
export interface HeadWatch {
  /** Resolves at the next hint, after `POLL_MS` at the latest; hints may be wrong. */
  wait(): Promise<void>;
  /** Says that the branch has moved. */
  announce(): void;
  close(): Promise<void>;
}

/** Watching a directory misses changes on some file systems: so we also look by ourselves. */
const POLL_MS = 1000;

/** Watches the directory that the ref of the branch lies in, from the first `wait` on. */
export function watchHead(directory: string, { files, clock }: Pick<Context, 'files' | 'clock'>): HeadWatch {
  let next = Promise.withResolvers<undefined>();
  let watching: Promise<AsyncDisposable | undefined> | undefined;
  const announce = () => {
    next.resolve(undefined);
    next = Promise.withResolvers();
  };
  return {
    announce,
    wait: async () => {
      const hint = next.promise;
      watching ??= files.watch(directory, announce).catch(() => undefined);
      await watching;
      await Promise.race([hint, clock.sleep(POLL_MS)]);
    },
    close: async () => {
      announce();
      const watch = await watching;
      await watch?.[Symbol.asyncDispose]();
    },
  };
}
