import type { Digest } from '../model/id.ts';
import { parseTime } from '../model/time.ts';

/** What may stand after `@`, read. */
export type VersionText =
  | { readonly is: 'head' }
  | { readonly is: 'back'; readonly count: number }
  | { readonly is: 'seq'; readonly seq: number }
  | { readonly is: 'digest'; readonly digest: Digest }
  /** 4 to 40 hex digits; may also be the name of a tag. */
  | { readonly is: 'digits'; readonly digits: string }
  | { readonly is: 'tag'; readonly name: string }
  /** The newest version that is not younger than `ms` since the epoch. */
  | { readonly is: 'time'; readonly ms: number };

const UNITS: Readonly<Record<string, number>> = {
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
};

/**
 * Reads the text after `@`: `HEAD`, `latest`, `~N`, hex digits, `seq:N`, `sha256:…`, a time, `{2 hours ago}`, a tag.
 *
 * @param now - ms since the epoch, for `{… ago}`
 * @returns `undefined` for what is none of them; nothing is ever given to a shell or to git
 */
export function parseVersionText(text: string, now: number): VersionText | undefined {
  if (text === 'HEAD' || text === 'latest') return { is: 'head' };
  const back = /^~(\d{1,9})$/.exec(text)?.[1];
  if (back !== undefined) return { is: 'back', count: Number(back) };
  const seq = /^seq:(\d{1,15})$/.exec(text)?.[1];
  if (seq !== undefined) return { is: 'seq', seq: Number(seq) };
  if (/^sha256:[0-9a-f]{64}$/.test(text)) return { is: 'digest', digest: text as Digest };
  if (/^[0-9a-fA-F]{4,40}$/.test(text)) return { is: 'digits', digits: text.toLowerCase() };
  const ms = parseTime(text) ?? parseAge(text, now);
  if (ms !== undefined) return { is: 'time', ms };
  return /^[A-Za-z0-9_][\w./+-]{0,199}$/.test(text) && !text.includes('..') ? { is: 'tag', name: text } : undefined;
}

function parseAge(text: string, now: number): number | undefined {
  const [, count, unit] = /^\{(\d{1,6}) (second|minute|hour|day|week)s? ago\}$/.exec(text) ?? [];
  const length = unit === undefined ? undefined : UNITS[unit];
  return length === undefined ? undefined : now - Number(count) * length;
}
