import { parseTime, timeText } from '../../model/time.ts';
import type { Exported } from '../../snapshot/export.ts';
import type { Collection } from '../../snapshot/gc.ts';
import type { Imported } from '../../snapshot/import.ts';
import type { Initialized } from '../../snapshot/init.ts';
import type { ListedSnapshot, SnapshotList } from '../../snapshot/list.ts';
import type { SaveLog } from '../../snapshot/log.ts';
import type { RemovalPlan } from '../../snapshot/remove.ts';
import type { Saved } from '../../snapshot/save.ts';
import type { Shared } from '../../snapshot/share.ts';
import type { SnapshotVerification, StoreVerification } from '../../snapshot/verify.ts';
import { notKeptText, unresolvedText } from './not-kept.ts';
import { ageText, countText, sizeText } from './quantity.ts';
import { tableText } from './table.ts';

/** What `init` made, and what may be kept besides. */
export function initText({ workspace, proposals }: Initialized): string {
  const lines = [`Workspace ${workspace}`];
  if (proposals.length > 0) {
    lines.push('No layer keeps these directories yet; put those that matter into restage.conf:');
    lines.push('  [data]', `  dirs = ${proposals.join(' ')}`);
  }
  return lines.join('\n');
}

/** What a save made; the end says what it does not hold. */
export function savedText({ name, version, layers, keptBytes, mirror, unresolved, notKept }: Saved): string {
  return [
    `Saved ${name} ${version.slice(0, 10)} (${layers.join(', ')}), keeps ${sizeText(keptBytes)}`,
    ...(mirror === undefined ? [] : [`also in ${mirror}`]),
    ...unresolvedText(unresolved),
    ...notKeptText(notKept),
  ].join('\n');
}

/** The snapshots that can be named here, newest first within each place. */
export function listText({ snapshots }: SnapshotList, now: number): string {
  if (snapshots.length === 0) return 'No snapshots here; make one with: restage save NAME';
  const rows = snapshots.map((one) => [one.name, one.place, ...factsOf(one, now)]);
  return tableText(['name', 'where', 'layers', 'age', 'keeps', 'remarks'], rows);
}

/** The saves of the history, newest first. */
export function logText({ saves }: SaveLog): string {
  if (saves.length === 0) return 'No saves yet';
  return tableText(
    ['version', 'saved', 'by', 'name', 'message'],
    saves.map(({ version, time, name, change, producer, subject }) => [
      ...[version.slice(0, 10), timeText(time), producer, name],
      change === 'purge' ? 'purged' : subject.replace(`save ${name}`, '').replace(/^: /, ''),
    ]),
  );
}

/** What removing takes away, or took away. */
export function removalText({ name, file, purge, bytes, version }: RemovalPlan, isDone: boolean): string {
  const verb = isDone ? 'Removed' : 'Would remove';
  const lines = file === undefined ? [] : [`${verb} ${file}`];
  if (purge !== undefined) {
    const what = `${purge} from the store; ${sizeText(bytes)} can be freed by restage gc`;
    lines.push(
      `${isDone ? 'Purged' : 'Would purge'} ${what}${version === undefined ? '' : ` (${version.slice(0, 10)})`}`,
    );
  }
  return lines.length === 0 ? `${name}: nothing to remove` : lines.join('\n');
}

/** Where a snapshot was promoted to. */
export function sharedText({ name, file, store, newBytes, unread }: Shared): string {
  const lines = [`Shared ${name} as ${file}`, `${sizeText(newBytes)} new in ${store}`];
  return [...lines, ...unreadText(unread)].join('\n');
}

/** What a bundle holds. */
export function exportedText({ name, file, bytes, contents, notKept, unread }: Exported): string {
  const line = `Exported ${name} to ${file}: ${countText(contents, 'content')}, ${sizeText(bytes)}`;
  return [line, ...unreadText(unread), ...notKeptText(notKept)].join('\n');
}

/** What a bundle brought. */
export function importedText({ name, version, layers, contents, newBytes, notKept }: Imported): string {
  const line = `Imported ${name} ${version.slice(0, 10)} (${layers.join(', ')})`;
  return [`${line}: ${countText(contents, 'content')}, ${sizeText(newBytes)} new`, ...notKeptText(notKept)].join('\n');
}

/** What was re-read of a snapshot, and what is damaged. */
export function verifiedText({ name, contents, bytes, damaged, notKept }: SnapshotVerification): string {
  const read = `${countText(contents, 'content')}, ${sizeText(bytes)} read and hashed`;
  if (damaged.length === 0) return [`${name} is whole: ${read}`, ...notKeptText(notKept)].join('\n');
  return [
    ...damaged.map(({ layer, digest, why }) => `damaged: ${layer} ${digest}: ${why}`),
    `${name} is damaged: ${damaged.length} of ${read}`,
  ].join('\n');
}

/** What was re-read of the store, and what is damaged. */
export function storeVerifiedText({ store, objects, chunks, bytes, damaged }: StoreVerification): string {
  const read = `${countText(objects, 'object')}, ${countText(chunks, 'chunk')}, ${sizeText(bytes)}`;
  if (damaged.length === 0) return `${store} is whole: ${read}`;
  return [
    ...damaged.map(({ what, file, why }) => `damaged: ${what} in ${file}: ${why}`),
    `${store} is damaged: ${countText(damaged.length, 'place')} among ${read}`,
  ].join('\n');
}

/** What collecting frees, or freed. */
export function collectedText(collection: Collection): string {
  const { applied, blobs, bytes, graceBytes, expiredUndoSaves, purgesUndo, undoKeep } = collection;
  const days = Math.round(undoKeep / 86_400_000);
  return [
    `${applied ? 'Freed' : 'Would free'} ${sizeText(bytes)} of ${countText(blobs, 'content')} that nothing refers to`,
    ...(purgesUndo ? [`undo ends: ${countText(expiredUndoSaves, 'save')} older than ${days} days`] : []),
    ...(graceBytes === 0 ? [] : [`${sizeText(graceBytes)} stay until they are old enough`]),
  ].join('\n');
}

function factsOf(one: ListedSnapshot, now: number): string[] {
  if (one.damaged !== undefined) return ['', '', '', `DAMAGED: ${one.damaged}`];
  const at = one.savedAt === undefined ? undefined : parseTime(one.savedAt);
  const remarks = [
    ...(one.isPartial === true ? ['NOT all kept'] : []),
    ...(one.savedAs === undefined ? [] : [`saved as ${one.savedAs}`]),
    ...(one.message === undefined ? [] : [one.message.split('\n')[0] ?? '']),
  ];
  return [
    one.layers?.join(',') ?? '',
    at === undefined ? '' : ageText(at, now),
    sizeText(one.keptBytes ?? 0),
    remarks.join('; '),
  ];
}

function unreadText(unread: Shared['unread']): string[] {
  if (unread.length === 0) return [];
  const bytes = unread.reduce((sum, { size }) => sum + size, 0);
  return [
    `NOT looked into for secrets: ${countText(unread.length, 'content')}, ${sizeText(bytes)} (such as disk images)`,
  ];
}
