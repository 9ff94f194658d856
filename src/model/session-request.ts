import { z } from 'zod';
import { ALIAS, RestartPolicy, Switch } from './session.ts';

const units = z.array(z.string()).default([]);

/** `restage session start UNIT…`, `--uri URI`, or `-- ARGV…`. */
export const StartRequest = z
  .strictObject({
    units,
    uri: z.string().optional(),
    argv: z.array(z.string()).min(1).optional(),
    alias: z.string().regex(ALIAS, 'is no alias: letters, digits, dot, dash and underscore').optional(),
    restart: RestartPolicy.optional(),
    shutdown: Switch.optional(),
    cwd: z.string().optional(),
    /** `KEY=VALUE`. */
    env: z.array(z.string().regex(/^[A-Za-z_]\w*=/, 'is no KEY=VALUE')).optional(),
    envFile: z.array(z.string()).optional(),
    inherit: z.string().optional(),
  })
  .refine(
    ({ units, uri, argv }) => [units.length > 0, uri !== undefined, argv !== undefined].filter(Boolean).length === 1,
    {
      error: 'give either units, or --uri URI, or -- PROGRAM ARGUMENT…',
    },
  )
  .refine(
    ({ units, alias, cwd, env, envFile, inherit }) =>
      units.length === 0 || [alias, cwd, env, envFile, inherit].every((value) => value === undefined),
    { error: 'of a declared unit only --restart and --shutdown can be given; edit its file in etc/' },
  );

/** What a start asks for. */
export type StartRequest = z.infer<typeof StartRequest>;

/** `restage session stop UNIT…` or `--all`. */
export const StopRequest = z
  .strictObject({ units, all: z.boolean().default(false) })
  .refine(({ units, all }) => all !== units.length > 0, { error: 'give units or --all' });

/** What a stop asks for. */
export type StopRequest = z.infer<typeof StopRequest>;

/** `restage session show [UNIT…]`. */
export const ShowRequest = z.strictObject({ units, fp: z.boolean().default(false) });

/** What a show asks for. */
export type ShowRequest = z.infer<typeof ShowRequest>;

/** `restage session logs UNIT`. */
export const LogsRequest = z.strictObject({
  units: z.array(z.string()).min(1, 'give a unit'),
  out: z.boolean().default(false),
  err: z.boolean().default(false),
  lines: z.coerce.number('is no number').int('is no whole number').min(0, 'is below 0').default(50),
  follow: z.boolean().default(false),
});

/** Which logs are shown. */
export type LogsRequest = z.infer<typeof LogsRequest>;
