/** Exit statuses of `restage`. 124 and 130 are what `timeout` and a shell would say. */
export const EXIT = {
  done: 0,
  someFailed: 1,
  usage: 2,
  refused: 3,
  notPossible: 4,
  bug: 70,
  deadline: 124,
  interrupted: 130,
} as const;

/**
 * Every failure a user can meet: its exit status, and the hint that is shown unless the thrower knows a better one.
 *
 * In the order of the alphabet. `docs/errors.md` has one heading for each, in the same order.
 */
export const ERRORS = {
  'cli/not-confirmed': { exit: EXIT.refused, hint: 'Look at the plan with --plan, then run again with --yes' },
  'cli/unknown-command': { exit: EXIT.usage, hint: 'List the commands with `restage --help`' },
  'cli/usage': { exit: EXIT.usage, hint: 'Run the command with --help' },
  'config/malformed': { exit: EXIT.usage, hint: 'Look at each value and its origin with `restage config`' },
  'exec/failed': { exit: EXIT.someFailed, hint: 'Run again with --verbose to see its output' },
  'exec/not-found': { exit: EXIT.notPossible, hint: 'Install the program, or put its folder into PATH' },
  'file/denied': { exit: EXIT.refused, hint: 'Look at the owner and the mode of the file' },
  'file/missing': { exit: EXIT.notPossible, hint: 'Look at the path' },
  'load/impossible': {
    exit: EXIT.notPossible,
    hint: 'Leave the layer out with --only, or look at the plan with --plan',
  },
  'run/deadline': { exit: EXIT.deadline, hint: 'Give more time with --timeout' },
  'run/interrupted': { exit: EXIT.interrupted, hint: 'Run the same command again; it goes on where it stopped' },
  'snapshot/damaged': {
    exit: EXIT.someFailed,
    hint: 'Take the snapshot out of the store again with `restage view NAME@latest`',
  },
  'snapshot/format': { exit: EXIT.notPossible, hint: 'Use a restage that is at least as new as the one that saved it' },
  'snapshot/name': {
    exit: EXIT.usage,
    hint: 'Use letters, digits, dot, dash and underscore; `live` and `undo` are taken',
  },
  'snapshot/unknown': { exit: EXIT.notPossible, hint: 'List the snapshots with `restage list`' },
  'store/conflict': { exit: EXIT.refused, hint: 'Read the member again, then repeat the change on what is there now' },
  'store/damaged': {
    exit: EXIT.someFailed,
    hint: 'Look with `restage verify --store`, then bring the object back from a copy of the store',
  },
  'store/format': { exit: EXIT.notPossible, hint: 'Use a restage that is at least as new as the store' },
  'store/full': { exit: EXIT.notPossible, hint: 'Make room on the disk of the store; what it holds can still be read' },
  'store/locked': {
    exit: EXIT.refused,
    hint: 'Wait for the other program to end; a lock of this machine that nobody holds is removed by itself',
  },
  'store/path': {
    exit: EXIT.usage,
    hint: 'Write segments of letters, digits, dot, dash and underscore with `/` between',
  },
  'store/version-ambiguous': { exit: EXIT.notPossible, hint: 'Write more digits of the version' },
  'store/version-syntax': {
    exit: EXIT.usage,
    hint: 'Write digits of a version, HEAD, ~2, seq:41, a tag or {2 hours ago}',
  },
  'store/version-unknown': {
    exit: EXIT.notPossible,
    hint: 'List the versions with `restage data log` or `restage log`',
  },
  'workspace/missing': { exit: EXIT.notPossible, hint: 'Make one here with `restage init`' },
} as const;

/** Public and stable: scripts match on codes. */
export type ErrorCode = keyof typeof ERRORS;

/** What an error may carry besides its code and its message. */
export interface RestageErrorOptions {
  /** One imperative sentence: what the user can do next. */
  readonly hint?: string;
  /** Values for machines; nobody may have to parse them back out of the message. Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** The error that led to this one; shown with `--verbose`. */
  readonly cause?: unknown;
}

/** An expected failure: one line and a hint. Anything else that is thrown is a bug of restage. */
export class RestageError extends Error {
  override readonly name = 'RestageError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: RestageErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.hint = options.hint ?? ERRORS[code].hint;
    this.details = options.details ?? {};
  }
}

/** The exit status in which a thrown value ends. */
export function exitStatusOf(thrown: unknown): number {
  return thrown instanceof RestageError ? ERRORS[thrown.code].exit : EXIT.bug;
}
