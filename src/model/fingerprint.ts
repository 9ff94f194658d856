import { z } from 'zod';

/** A socket that waits for callers. Port 0: one that the kernel chose, so that it is another one each time. */
export const ListeningSocket = z.strictObject({
  proto: z.enum(['tcp', 'udp']),
  addr: z.string(),
  port: z.number().int().min(0).max(65535),
});

/** A socket that waits for callers. */
export type ListeningSocket = z.infer<typeof ListeningSocket>;

/** The stable part of what is measured of a process: equal at each look, and after a restart into the same state. */
export const Fingerprint = z.strictObject({
  /** Its arguments as the kernel has them, secrets masked. */
  cmdline: z.array(z.string()),
  exe: z.string().nullable(),
  cwd: z.string().nullable(),
  uid: z.number().int().nullable(),
  /** Of the process and all that belong to its unit; sorted. */
  listen: z.array(ListeningSocket),
});

/** The stable part of what is measured of a process. */
export type Fingerprint = z.infer<typeof Fingerprint>;
