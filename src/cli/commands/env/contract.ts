import type { EnvironmentSpec } from '../../../model/environment.ts';

/** What the commands of this wing need of it; `main.ts` hands it in. */
export interface EnvironmentCommands {
  /** Runs a command and finds out which files it uses. It runs to its end, whatever its status is. */
  trace(options: {
    readonly argv: readonly string[];
    /** Where it runs, absolute. */
    readonly directory: string;
    readonly output: (bytes: Uint8Array, stream: 'stdout' | 'stderr') => void;
  }): Promise<TracedCommand>;
  /** Says to which packages of an environment the files of a traced command belong. */
  attribute(traced: TracedCommand, spec: EnvironmentSpec, workspace: string): Promise<TracedUse>;
}

/** What came of a traced command. */
export interface TracedCommand {
  /** Without secrets. */
  readonly argv: readonly string[];
  readonly exit: number;
  /** `observed`: its files are known; `unknown`: it ran without a tracer. */
  readonly how: 'observed' | 'unknown';
  readonly processes: number;
  readonly files: Readonly<Record<string, 'input' | 'output'>>;
}

/** Files that a command used, by whom they belong to. */
export interface TracedUse {
  readonly packages: readonly PackageUse[];
  /** What belongs to nobody. */
  readonly loose: readonly { readonly path: string; readonly role: 'input' | 'output' }[];
}

/** A package that a command used. */
export interface PackageUse {
  readonly type: string;
  readonly root: string;
  readonly name: string | null;
  readonly version: string | null;
  readonly files: number;
}
