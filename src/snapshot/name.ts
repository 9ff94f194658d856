import { RestageError } from '../errors.ts';

/** What stands for the present state wherever a snapshot may be named. */
export const LIVE = 'live';
/** The name under which a load saves what it is about to change. */
export const UNDO = 'undo';

/** What a person typed for a snapshot. */
export interface SnapshotReference {
  /** A path when there is a `/` in it or it ends in `.snap`; otherwise a bare name. */
  readonly base: string;
  readonly isPath: boolean;
  /** What stands behind the last `@`. */
  readonly version?: string;
}

/** Reads `NAME`, `NAME.snap`, a path, and each of them with `@VERSION`. */
export function parseReference(text: string): SnapshotReference {
  const at = text.lastIndexOf('@');
  const [base, version] = at > 0 ? [text.slice(0, at), text.slice(at + 1)] : [text, undefined];
  const isPath = base.includes('/') || base.endsWith('.snap');
  return { base, isPath, ...(version !== undefined && { version }) };
}

/**
 * Reads the name of a new snapshot; `.snap` behind it is taken off.
 *
 * @throws {RestageError} `snapshot/name` for what is no name, and for the names that are taken
 */
export function checkName(text: string): string {
  const name = text.endsWith('.snap') ? text.slice(0, -'.snap'.length) : text;
  const isName = /^[\p{L}\p{N}_][\p{L}\p{N}._-]{0,99}$/u.test(name) && name === name.normalize('NFC');
  if (isName && Buffer.byteLength(name) <= 150 && name !== LIVE && name !== UNDO) return name;
  throw new RestageError('snapshot/name', `${JSON.stringify(text)} is no name for a snapshot`, { details: { name } });
}

/** The member of the history that holds a snapshot. */
export function snapMember(name: string): string {
  return `snapshots/${name}.snap`;
}

/** The members of the history that hold the content of a snapshot, one for each digest. */
export function needsPrefix(name: string): string {
  return `snapshots/${name}.needs`;
}

/** The member that holds one content of a snapshot. */
export function needMember(name: string, digest: string): string {
  return `${needsPrefix(name)}/${digest.slice('sha256:'.length)}`;
}

/** The name of a snapshot out of its member; `undefined` for other members. */
export function nameOfMember(path: string): string | undefined {
  return /^snapshots\/([^/]+)\.snap$/.exec(path)?.[1];
}

/** The name of the snapshot to which a member belongs, as the file or as a need; `undefined` for other members. */
export function ownerOfMember(path: string): string | undefined {
  return /^snapshots\/([^/]+)\.(?:snap$|needs\/)/.exec(path)?.[1];
}
