import type { Fingerprint } from './fingerprint.ts';
import type { RestartPolicy } from './session.ts';

/** What `session init` made, and what it found. */
export interface InitReport {
  readonly schema: 'restage/session-init/1';
  readonly workspace: string;
  readonly folders: readonly string[];
  /** Folders that were there already. */
  readonly found: readonly string[];
}

/** What came of the start of one unit. */
export interface StartedUnit {
  readonly name: string;
  readonly alias: string | null;
  readonly outcome: 'started' | 'already-running' | 'died';
  readonly pid: number | null;
  /** How it ended, where it died at once. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Declared to be restarted: nobody does yet. */
  readonly restart: RestartPolicy;
  /** Names of secrets that were put away. */
  readonly secrets: readonly string[];
}

/** What came of a start. */
export interface StartReport {
  readonly schema: 'restage/session-start/1';
  readonly units: readonly StartedUnit[];
}

/** What came of the stop of one unit. */
export interface StoppedUnit {
  readonly name: string;
  readonly alias: string | null;
  readonly outcome: 'stopped' | 'was-down';
  /** Of its first process. */
  readonly pid: number | null;
  /** How many processes were signalled. */
  readonly processes: number;
}

/** What came of a stop. */
export interface StopReport {
  readonly schema: 'restage/session-stop/1';
  readonly units: readonly StoppedUnit[];
}

/** What can be said of a unit at a moment. */
export type UnitCondition = 'inactive' | 'starting' | 'running' | 'exited' | 'lost' | 'unknown' | 'ambiguous';

/** A unit as `show` has it; no secret is in it. */
export interface UnitView {
  readonly name: string;
  readonly alias: string | null;
  readonly status: UnitCondition;
  readonly pid: number | null;
  /** How long the process has been there, in ms. */
  readonly uptime: number | null;
  readonly uri: string;
  readonly restart: RestartPolicy;
  readonly shutdown: boolean;
  /** Of one that exited. */
  readonly code: number | null;
  readonly signal: string | null;
  /** Of an unknown one: the host that can tell. */
  readonly host: string | null;
  /** Processes that go on without their unit, or may be it. */
  readonly others: readonly number[];
  /** Its file was changed since it was launched; a new start takes the change over. */
  readonly edited: boolean;
  readonly fingerprint?: Fingerprint;
}

/** A file of `etc/` that cannot be read; other units are not touched by it. */
export interface DefinitionFlaw {
  readonly file: string;
  readonly line: number | undefined;
  readonly why: string;
}

/** What `session show` prints. */
export interface ShowReport {
  readonly schema: 'restage/session-show/1';
  readonly workspace: string;
  readonly units: readonly UnitView[];
  readonly flaws: readonly DefinitionFlaw[];
}

/** One line of what a unit printed, secrets masked. */
export interface LogLine {
  readonly name: string;
  readonly alias: string | null;
  readonly stream: 'out' | 'err';
  readonly line: string;
}
