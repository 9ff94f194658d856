import { RestageError } from '../errors.ts';
import type { Terminal } from './terminal.ts';

/** What can end a command from outside. */
export interface RunSignal extends Disposable {
  /** Aborts at Ctrl-C, at the deadline, and when the reader of the result has gone away. */
  readonly signal: AbortSignal;
  /** Rejects when there is no more waiting: Ctrl-C twice, or work that ignores the deadline. */
  readonly forced: Promise<never>;
}

/** Time to clean up after the deadline, before the command is ended as it is. */
const GRACE_MS = 5000;

/**
 * Watches over one command.
 *
 * Ctrl-C, TERM and HUP abort the signal with `run/interrupted`, the deadline aborts it with `run/deadline`; a second
 * Ctrl-C, or the end of the grace time after the deadline, is not up to the command any more.
 */
export function createRunSignal(
  terminal: Pick<Terminal, 'onInterrupt' | 'after' | 'out'>,
  timeoutMs: number | undefined,
  say: (text: string) => void,
): RunSignal {
  const controller = new AbortController();
  const { promise: forced, reject: force } = Promise.withResolvers<never>();
  const disposables = new DisposableStack();
  disposables.use(
    terminal.onInterrupt(() => {
      if (controller.signal.aborted) {
        force(new RestageError('run/interrupted', 'stopped at once'));
        return;
      }
      say('stopping; once more stops at once');
      controller.abort(new RestageError('run/interrupted', 'interrupted'));
    }),
  );
  terminal.out.onClosed(() => {
    controller.abort(new RestageError('run/interrupted', 'nobody reads the output any more', { details: CLOSED }));
  });
  if (timeoutMs !== undefined) {
    disposables.use(
      terminal.after(timeoutMs, () => {
        const seconds = timeoutMs / 1000;
        controller.abort(new RestageError('run/deadline', `not done after ${seconds} s`, { details: { seconds } }));
        disposables.use(
          terminal.after(GRACE_MS, () => {
            force(new RestageError('run/deadline', 'the deadline has passed, and the work did not stop'));
          }),
        );
      }),
    );
  }
  return {
    signal: controller.signal,
    forced,
    [Symbol.dispose]: () => {
      disposables.dispose();
    },
  };
}

const CLOSED = { closed: true } as const;

/** Whether a command ended since the reader of its result has gone away, as `head` does: nobody needs to be told. */
export function isClosedOutput(thrown: unknown): boolean {
  return thrown instanceof RestageError && thrown.details === CLOSED;
}
