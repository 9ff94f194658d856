/** Why a device or a node did not do what it was asked; codes of the catalogue, without their `node/`. */
export type FailureCode =
  | 'power-unknown'
  | 'power-failed'
  | 'lock-held'
  | 'arm-failed'
  | 'boot-timeout'
  | 'write-failed'
  | 'digest-mismatch'
  | 'ssh-timeout'
  | 'no-agent'
  | 'deadline-passed';

/** What a device answered. Drivers never throw for what a device does; `detail` is shown to people as it is. */
export type Answer<Value = undefined> = { readonly ok: true; readonly value: Value } | Failure;

/** An operation that a device did not do. */
export interface Failure {
  readonly ok: false;
  readonly code: FailureCode;
  readonly detail: string;
}

/** The answer of an operation that has no value. */
export const DONE: Answer = { ok: true, value: undefined };

/** Makes a failure. */
export function failure(code: FailureCode, detail: string): Failure {
  return { ok: false, code, detail };
}
