import { isAbsolute, join } from 'node:path';
import { compareText } from '../model/order.ts';
import type { UnitVariables } from '../model/session.ts';
import type { SessionContext } from './context.ts';
import { escapeTemplate } from './template.ts';

/** What `inherit: minimal` takes over. */
const MINIMAL = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'LC_*', 'TZ', 'TMPDIR'],
  ...['DISPLAY', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'XDG_*'],
];
/** What a launch sets is never taken over: a unit that starts another session would seem to own its units. */
const OURS = 'RESTAGE_';

/** A variable before its references are resolved, and where it came from. */
export interface VariableSource {
  readonly template: string;
  /** `captured`, the name of a file, or `set`. */
  readonly source: string;
}

/** The variables that are taken over at the declaration, as templates. */
export function captureVariables(
  inherit: string,
  variables: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const patterns = inherit === 'minimal' ? MINIMAL : inherit === 'all' ? ['*'] : inherit.split(',');
  const captured = Object.entries(variables).flatMap(([key, value]) => {
    const isTaken =
      value !== undefined && !key.startsWith(OURS) && patterns.some((pattern) => matchesGlob(key, pattern.trim()));
    return isTaken ? [[key, escapeTemplate(value)] as const] : [];
  });
  return Object.fromEntries(captured.sort(([a], [b]) => compareText(a, b)));
}

/** The variables of a launch before references are resolved: captured ones, files, set ones; later ones win. */
export async function composeVariables(
  { captured, files: sources, set }: UnitVariables,
  { files, paths }: Pick<SessionContext, 'files' | 'paths'>,
): Promise<ReadonlyMap<string, VariableSource>> {
  const composed = new Map<string, VariableSource>();
  for (const [key, template] of Object.entries(captured)) composed.set(key, { template, source: 'captured' });
  for (const file of sources) {
    const text = await files.readText(isAbsolute(file) ? file : join(paths.workspace, file));
    for (const [key, value] of parseEnvFile(text)) composed.set(key, { template: escapeTemplate(value), source: file });
  }
  for (const [key, template] of Object.entries(set)) composed.set(key, { template, source: 'set' });
  return composed;
}

/** Reads lines of `KEY=VALUE`; `export` before and quotes around are taken away, `#` begins a comment line. */
export function parseEnvFile(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, key, raw = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (key === undefined) continue;
    const [, , quoted] = /^(["'])(.*)\1$/s.exec(raw) ?? [];
    variables.set(key, quoted ?? raw);
  }
  return variables;
}

/** Whether a text is matched as a whole by a pattern with `*` and `?`. */
export function matchesGlob(text: string, pattern: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
