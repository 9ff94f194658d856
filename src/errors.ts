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
  'bundle/damaged': { exit: EXIT.someFailed, hint: 'Export the snapshot again where it was saved' },
  'cli/not-confirmed': { exit: EXIT.refused, hint: 'Look at the plan with --plan, then run again with --yes' },
  'cli/unknown-command': { exit: EXIT.usage, hint: 'List the commands with `restage --help`' },
  'cli/usage': { exit: EXIT.usage, hint: 'Run the command with --help' },
  'config/malformed': { exit: EXIT.usage, hint: 'Look at each value and its origin with `restage config`' },
  'config/unknown': { exit: EXIT.usage, hint: 'List all values with `restage config`' },
  'data/unknown-stream': { exit: EXIT.notPossible, hint: 'List the streams with `restage data ls`' },
  'demo/failed': { exit: EXIT.someFailed, hint: 'Look with `restage doctor` at what works here' },
  'exec/failed': { exit: EXIT.someFailed, hint: 'Run again with --verbose to see its output' },
  'exec/not-found': { exit: EXIT.notPossible, hint: 'Install the program, or put its folder into PATH' },
  'file/denied': { exit: EXIT.refused, hint: 'Look at the owner and the mode of the file' },
  'file/missing': { exit: EXIT.notPossible, hint: 'Look at the path' },
  'image/ambiguous': { exit: EXIT.notPossible, hint: 'Write more digits of the id, or the name' },
  'image/name': { exit: EXIT.usage, hint: 'Use letters, digits, dot, dash, plus and underscore' },
  'image/unknown': { exit: EXIT.notPossible, hint: 'List the images with `restage nodes images`' },
  'inventory/duplicate': { exit: EXIT.usage, hint: 'Take one of the two lines out of the inventory' },
  'inventory/malformed': { exit: EXIT.usage, hint: 'Compare the file with the one that `restage nodes lab up` writes' },
  'inventory/missing': {
    exit: EXIT.notPossible,
    hint: 'Write inventory.yaml, or start a testbed with `restage nodes lab up`',
  },
  'lab/busy': { exit: EXIT.refused, hint: 'Wait for the other command to end' },
  'lab/elsewhere': { exit: EXIT.refused, hint: 'Run the command on the machine where the lab was started' },
  'lab/failed': { exit: EXIT.someFailed, hint: 'Look at daemon.log in the folder of the lab' },
  'lab/faults': { exit: EXIT.usage, hint: 'Write a map of nodes, such as `fit03: {card: hang}`' },
  'lab/other': { exit: EXIT.refused, hint: 'End it first with `restage nodes lab down`' },
  'layer/unavailable': {
    exit: EXIT.notPossible,
    hint: 'Look at what is here with `restage doctor`, or choose layers with --only',
  },
  'load/busy': { exit: EXIT.refused, hint: 'Wait until the other load has ended' },
  'load/impossible': {
    exit: EXIT.notPossible,
    hint: 'Leave the layer out with --only, or look at the plan with --plan',
  },
  'load/interrupted': {
    exit: EXIT.refused,
    hint: 'Finish it with the same `restage load`, or go back with `restage undo`',
  },
  'node/arm-failed': { exit: EXIT.someFailed, hint: 'Look at `boot` of the node in the inventory' },
  'node/boot-timeout': { exit: EXIT.someFailed, hint: 'Look at the console of the node' },
  'node/deadline-passed': { exit: EXIT.someFailed, hint: 'Give more time with --timeout' },
  'node/digest-mismatch': { exit: EXIT.someFailed, hint: 'Load the node again; if it happens again, replace its disk' },
  'node/lock-held': {
    exit: EXIT.refused,
    hint: 'Wait for the other run, or look who it is with `restage nodes doctor`',
  },
  'node/no-agent': { exit: EXIT.notPossible, hint: 'Look at `agent` of the node in the inventory' },
  'node/no-driver': { exit: EXIT.notPossible, hint: 'List the drivers with `restage nodes doctor`' },
  'node/power-failed': { exit: EXIT.someFailed, hint: 'Look at the card with `restage nodes info`' },
  'node/power-unknown': { exit: EXIT.someFailed, hint: 'Look at the card; leave the node out with ~ or --except' },
  'node/ssh-timeout': { exit: EXIT.someFailed, hint: 'Look at the console of the node' },
  'node/write-failed': { exit: EXIT.someFailed, hint: 'Load the node again' },
  'run/deadline': { exit: EXIT.deadline, hint: 'Give more time with --timeout' },
  'run/interrupted': { exit: EXIT.interrupted, hint: 'Run the same command again; it goes on where it stopped' },
  'selector/empty': { exit: EXIT.usage, hint: 'List the nodes with `restage nodes ls`' },
  'selector/syntax': { exit: EXIT.usage, hint: 'Write numbers, ranges such as 4-6, and ~4 to leave a node out' },
  'selector/unknown-node': { exit: EXIT.usage, hint: 'List the nodes with `restage nodes ls`' },
  'service/exposed': {
    exit: EXIT.refused,
    hint: 'Leave --bind out, and reach the service over ssh: `ssh -L 5000:127.0.0.1:5000 HOST`',
  },
  'service/port-taken': { exit: EXIT.notPossible, hint: 'Choose another port, or 0 for any that is free' },
  'service/unavailable': { exit: EXIT.notPossible, hint: 'Install the optional package with `npm install zeromq`' },
  'session/alias-taken': { exit: EXIT.refused, hint: 'Choose another alias with --alias' },
  'session/ambiguous': {
    exit: EXIT.refused,
    hint: 'Look at the processes named; end the unit yourself, or remove its file pid/NAME.json if it is none of them',
  },
  'session/busy': { exit: EXIT.refused, hint: 'Wait until the other command has ended' },
  'session/definition': { exit: EXIT.notPossible, hint: 'Correct the line in the file' },
  'session/died': { exit: EXIT.someFailed, hint: 'Look at what it printed with `restage session logs`' },
  'session/directory': { exit: EXIT.notPossible, hint: 'Make the directory, or give another one with --cwd' },
  'session/elsewhere': { exit: EXIT.refused, hint: 'Run the command on that host' },
  'session/missing': { exit: EXIT.notPossible, hint: 'Make one with `restage session init`' },
  'session/program': { exit: EXIT.notPossible, hint: 'Look at the path and the mode of the program' },
  'session/scheme': { exit: EXIT.notPossible, hint: 'Use exec:// with the path of a program' },
  'session/secret': { exit: EXIT.notPossible, hint: 'Add it to etc/secrets.yaml, or set RESTAGE_SECRET_NAME' },
  'session/still-running': { exit: EXIT.someFailed, hint: 'Look with `restage session show` at what is left' },
  'session/unit-differs': {
    exit: EXIT.refused,
    hint: 'Edit its file in etc/ and start it again, or give another --alias',
  },
  'session/unknown-unit': { exit: EXIT.usage, hint: 'List the units with `restage session show`' },
  'session/uri': { exit: EXIT.usage, hint: 'Write exec://localhost/ABSOLUTE/PATH?ARGUMENT&KEY=VALUE' },
  'snapshot/content-missing': {
    exit: EXIT.notPossible,
    hint: 'Run `restage export` where it was saved and `restage import` here',
  },
  'snapshot/damaged': {
    exit: EXIT.someFailed,
    hint: 'Take NAME@latest, which the store has if it was saved here, or copy the file again',
  },
  'snapshot/exists': { exit: EXIT.refused, hint: 'Choose another name with --as' },
  'snapshot/format': { exit: EXIT.notPossible, hint: 'Use a restage that is at least as new as the one that saved it' },
  'snapshot/name': {
    exit: EXIT.usage,
    hint: 'Use letters, digits, dot, dash and underscore; `live` and `undo` are taken',
  },
  'snapshot/secret': { exit: EXIT.refused, hint: 'Take the secrets out of the experiment and save again' },
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
  'undo/nothing': { exit: EXIT.notPossible, hint: 'Look at the saves with `restage log`' },
  'wire/malformed': {
    exit: EXIT.usage,
    hint: 'Begin the message with =====VERB NAME, and each line of a body with a TAB',
  },
  'wire/too-large': { exit: EXIT.notPossible, hint: 'Put big content with `restage data put STREAM FILE`' },
  'wire/verb': { exit: EXIT.usage, hint: 'Write =====PUT NAME or =====GET NAME' },
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
