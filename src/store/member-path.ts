import { Buffer } from 'node:buffer';
import { RestageError } from '../errors.ts';

/** Bytes of a path and of one of its segments, in UTF-8. */
const LIMITS = { path: 1024, segment: 200 } as const;

/**
 * Refuses what is no path of a member (see `Store`), or stands above or below a member that is there.
 *
 * @param present - the members that are there
 * @throws {RestageError} `store/path`
 */
export function checkMemberPath(path: string, present: Iterable<string> = []): void {
  const reason = flawOfPath(path);
  if (reason !== undefined) {
    throw new RestageError('store/path', `${JSON.stringify(path)} ${reason}`, { details: { path } });
  }
  for (const other of present) {
    if (other === path || !(isAtOrBelow(other, path) || isAtOrBelow(path, other))) continue;
    throw new RestageError('store/path', `${path} cannot stand beside ${other}: one would lie below the other`, {
      hint: 'Choose another name',
      details: { path, other },
    });
  }
}

/** What is wrong with a path, as the end of a sentence; `undefined` if nothing is. */
export function flawOfPath(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (path !== path.normalize('NFC')) return 'is not in Unicode form NFC';
  if (!path.isWellFormed()) return 'is not well-formed Unicode';
  if (Buffer.byteLength(path) > LIMITS.path) return `is longer than ${LIMITS.path} bytes`;
  if (/[\p{Cc}@]/u.test(path)) return 'holds @ or a control character';
  for (const segment of path.split('/')) {
    if (segment === '') return 'has an empty segment';
    if (segment === '.' || segment === '..' || segment.toLowerCase() === '.git') return `has a segment ${segment}`;
    if (segment.startsWith('-')) return 'has a segment with a leading dash';
    if (Buffer.byteLength(segment) > LIMITS.segment) return `has a segment longer than ${LIMITS.segment} bytes`;
  }
  return undefined;
}

/** Whether a path is `prefix` or lies below it; everything lies below the empty prefix. */
export function isAtOrBelow(path: string, prefix: string): boolean {
  return prefix === '' || path === prefix || path.startsWith(`${prefix}/`);
}
