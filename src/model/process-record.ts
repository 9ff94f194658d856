import { z } from 'zod';
import { DigestText } from './digest.ts';

/** The lasting name of a process: a pid alone may be reused. */
export const ProcessIdentityRecord = z.strictObject({
  machineId: z.string(),
  bootId: z.string(),
  pid: z.number().int().positive(),
  startTicks: z.number().int().nonnegative(),
});

/** Which program file was launched, to know whether it has been replaced since. */
export const ProgramStamp = z.strictObject({
  path: z.string(),
  device: z.number(),
  inode: z.number(),
  size: z.number(),
  /** ms since the epoch. */
  modified: z.number(),
});

/** Which program file was launched. */
export type ProgramStamp = z.infer<typeof ProgramStamp>;

/**
 * `pid/NAME.json`: what runs of a unit, or is about to.
 *
 * It is made durable with phase `starting` before the fork and replaced with the identity after it, so that whoever
 * finds `starting` knows that a process with this launch id in its environment may be there.
 */
export const ProcessRecord = z.strictObject({
  schema: z.literal('restage/process/1'),
  name: z.string(),
  /** 128 random bits in hex, one for each launch; the process has them in `RESTAGE_LAUNCH`. */
  launch: z.string().regex(/^[0-9a-f]{32}$/),
  phase: z.enum(['starting', 'running', 'stopping']),
  /** When the launch began: ms since the epoch, and clock ticks since boot. */
  at: z.number(),
  ticks: z.number(),
  /** The command that launched it. */
  owner: ProcessIdentityRecord,
  /** Name of the machine, for people. */
  host: z.string(),
  machineId: z.string(),
  bootId: z.string(),
  identity: ProcessIdentityRecord.nullable(),
  /** With references in the place of secrets. */
  argv: z.array(z.string()),
  cwd: z.string(),
  program: ProgramStamp,
  /** Of those parts of the definition that a launch depends on. */
  definition: DigestText,
  /** Where each variable came from, by name. */
  variables: z.record(z.string(), z.string()),
});

/** What runs of a unit, or is about to. */
export type ProcessRecord = z.infer<typeof ProcessRecord>;

/** `exit/NAME`: how the last process of a unit ended, where somebody saw it. */
export const ExitRecord = z.strictObject({
  launch: z.string(),
  code: z.number().nullable(),
  signal: z.string().nullable(),
});

/** How the last process of a unit ended. */
export type ExitRecord = z.infer<typeof ExitRecord>;
