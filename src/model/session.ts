import { z } from 'zod';
import { DigestText } from './digest.ts';
import { parseDuration } from './duration.ts';
import { Fingerprint } from './fingerprint.ts';
import { How } from './fact.ts';

/** A second name of a unit, chosen by a person. */
export const ALIAS = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** When a unit that ended is started again. `0` and `1` are read as `no` and `always`. */
export const RestartPolicy = z.preprocess(
  (value) => (value === 0 || value === '0' ? 'no' : value === 1 || value === '1' ? 'always' : value),
  z.enum(['no', 'always', 'on-failure', 'unless-stopped'], 'is none of 0, 1, on-failure, unless-stopped'),
);

/** When a unit that ended is started again. */
export type RestartPolicy = z.infer<typeof RestartPolicy>;

/** Whether something is so, as `0` and `1`, `no` and `yes`, `false` and `true`. */
export const Switch = z.preprocess(
  (value) => (/^(0|no|false)$/.test(String(value)) ? false : /^(1|yes|true)$/.test(String(value)) ? true : value),
  z.boolean('is neither 0 nor 1'),
);

/** A signal and the time for which the processes may live on, such as `TERM 10s`. */
export const StopSignal = z
  .string()
  .regex(/^(SIG)?[A-Z0-9]+ +\S.*$/, 'is no signal with a time behind it, such as TERM 10s')
  .refine((text) => parseDuration(text.slice(text.indexOf(' '))) !== undefined, 'has no time such as 10s behind it');

/** Which processes are stopped with a unit. */
export const StopScope = z.enum(['tree', 'group', 'process', 'none']);

/** Which processes are stopped with a unit. */
export type StopScope = z.infer<typeof StopScope>;

const text = z.string();

/** The variables of a unit: later parts win. Values may hold references such as `${secret:NAME}`. */
export const UnitVariables = z.strictObject({
  /** What was taken over at the declaration: `minimal`, `all`, or patterns such as `LD_*`. */
  inherit: text.default('minimal'),
  captured: z.record(text, text).default({}),
  /** Files of `KEY=VALUE` lines, read at each launch. */
  files: z.array(text).default([]),
  set: z.record(text, text).default({}),
});

/** The variables of a unit. */
export type UnitVariables = z.infer<typeof UnitVariables>;

/**
 * What is declared of a unit: `etc/NAME.yaml`, and its place in a snapshot. Parts that the supervisor alone reads are
 * kept as they are.
 */
export const UnitDefinition = z.strictObject({
  name: text.regex(/^[a-z]+(-[a-z]+)+$/, 'is no name of a unit, such as yellow-panda'),
  alias: text.regex(ALIAS, 'is no alias: letters, digits, dot, dash and underscore').nullable().default(null),
  /** Canonical but for its secrets, which are references. */
  uri: text,
  /** Overrides what the URI says. */
  command: z.array(text).min(1).nullable().default(null),
  /** Absolute, or relative to the workspace. */
  cwd: text.default('.'),
  env: UnitVariables.prefault({}),
  restart: RestartPolicy.default('no'),
  /** Whether `deactivate` stops it, and a load of a snapshot without it. */
  shutdown: Switch.default(true),
  autostart: z.boolean().nullable().default(null),
  backoff: z.json().optional(),
  stop: z
    .strictObject({
      signals: z.array(StopSignal).min(1).default(['TERM 10s', 'KILL 2s']),
      scope: StopScope.default('tree'),
    })
    .prefault({}),
  probes: z.json().optional(),
  keep_exit: z.json().optional(),
  logs: z.json().optional(),
  limits: z.json().optional(),
  schedule: z.json().optional(),
  replicas: z.json().optional(),
  tty: z.json().optional(),
});

/** What is declared of a unit. */
export type UnitDefinition = z.infer<typeof UnitDefinition>;

/** What is declared of a session as a whole: `etc/session.yaml`. */
export const SessionDefinition = z.strictObject({
  dependences: z
    .record(text, z.json())
    .nullish()
    .transform((value) => value ?? {}),
  schemes: z
    .record(text, z.json())
    .nullish()
    .transform((value) => value ?? {}),
});

/** What is declared of a session as a whole. */
export type SessionDefinition = z.infer<typeof SessionDefinition>;

/** A unit in a snapshot: only what is equal for equal state; no pid, no time. */
export const SessionUnit = z.strictObject({
  definition: UnitDefinition,
  status: z.enum(['up', 'down', 'unknown']),
  how: How,
  /** The stable part of what was measured of its process; absent where none runs. */
  fingerprint: Fingerprint.optional(),
  /** The file of the program, relative to the workspace where it lies in it. */
  path: text.optional(),
  /** The program that runs, or would; absent where nobody can tell. */
  exe: DigestText.optional(),
  /** The program that a start would run now, where it is not the one that runs. */
  program: DigestText.optional(),
  /** What it was launched with, where its file was changed since: the digest of those parts of the definition. */
  launched: DigestText.optional(),
  /** Of a unit of another host: its name. */
  host: text.optional(),
});

/** A unit in a snapshot. */
export type SessionUnit = z.infer<typeof SessionUnit>;

/** What stands in the way of a unit here; `other-program`: it can be started, but by another program than it was. */
export const SessionObstacle = z.strictObject({
  code: z.enum(['no-program', 'no-directory', 'no-secret', 'no-scheme', 'no-file', 'other-program']),
  /** A path, a reference, or words. Never a value. */
  what: text,
});

/** What stands in the way of a unit here. */
export type SessionObstacle = z.infer<typeof SessionObstacle>;

/** The session layer of a snapshot. */
export const SessionBody = z.strictObject({
  schema: z.literal('restage/session-layer/1'),
  /** The format of names: which word lists. */
  words: z.literal(1),
  dependences: z.record(text, z.json()),
  schemes: z.record(text, z.json()),
  units: z.record(text, SessionUnit),
  /** Only in a body that is compared with another: what stands in the way of that one's units. Never stored. */
  obstacles: z.record(text, z.array(SessionObstacle)).optional(),
});

/** The session layer of a snapshot. */
export type SessionBody = z.infer<typeof SessionBody>;
