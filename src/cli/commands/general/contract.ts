import type { Configuration } from '../../../model/config.ts';

/** What belongs to no layer; `main.ts` hands it in. */
export interface GeneralCommands {
  /** The configuration that is in force, and remarks on how it was read. */
  configuration(): Promise<Configuration & { readonly warnings: readonly string[] }>;
  /** All that `restage doctor` looks at, in its order. */
  checks(): Promise<readonly Check[]>;
  /** Makes a symbolic link to this program; answers what was there: nothing, such a link, or something else, which stays. */
  link(path: string): Promise<'made' | 'present' | 'taken'>;
  /** The directory of the program `restage` itself. */
  programDirectory(): Promise<string>;
}

/** One thing that may work here or not. */
export interface Check {
  /** Such as `restage`, `store`, `layer`, `power`, `programs`. */
  readonly area: string;
  readonly id: string;
  readonly summary: string;
  /** Nothing works without it. */
  readonly required?: boolean;
  /** What to do when it is missing, such as `apt-get install strace`. */
  readonly remedy?: string;
  /** Never throws; may say something about what is there. */
  probe(): Promise<CheckResult>;
}

/** What a check found. */
export type CheckResult =
  { readonly available: true; readonly note?: string } | { readonly available: false; readonly reason: string };
