import { canonicalJson } from '../model/json.ts';
import { compareText } from '../model/order.ts';
import type { Difference } from '../model/plan.ts';
import type { SessionBody, SessionUnit } from '../model/session.ts';
import { launchDigest } from './definition.ts';

/** How long the values are that people see, in letters. */
const SHORT = 40;

/**
 * Every difference that counts: definition, executable and status of each unit, and what is declared of the session.
 * Other features of fingerprints are not counted: a busy process is not another one.
 */
export function diffSessions(from: SessionBody, to: SessionBody): Difference[] {
  const differences: Difference[] = [];
  for (const key of ['dependences', 'schemes'] as const) {
    if (canonicalJson(from[key]) === canonicalJson(to[key])) continue;
    differences.push({ ...changed, type: 'session', item: key, from: short(from[key]), to: short(to[key]) });
  }
  for (const name of namesByLabel(from, to)) differences.push(...diffUnits(from.units[name], to.units[name]));
  return differences;
}

/** The names of all units of two bodies, in the order of what people call them. */
export function namesByLabel(one: SessionBody, other: SessionBody): string[] {
  const units = { ...one.units, ...other.units };
  return Object.entries(units)
    .sort(([a, unit], [b, another]) => compareText(labelOf(unit), labelOf(another)) || compareText(a, b))
    .map(([name]) => name);
}

/** The name of a unit for people. */
export function labelOf({ definition: { name, alias } }: SessionUnit): string {
  return alias ?? name;
}

/** What the process of a unit was launched with, or a start would launch: the digest of those parts of its definition. */
export function effectiveLaunch({ launched, definition }: SessionUnit): string {
  return launched ?? launchDigest(definition);
}

const changed = { layer: 'session', change: 'changed' } as const;

function diffUnits(from: SessionUnit | undefined, to: SessionUnit | undefined): Difference[] {
  if (!from || !to) {
    const one = from ?? to;
    if (!one) return [];
    const base = { layer: 'session', type: 'unit', item: labelOf(one) } as const;
    return [from ? { ...base, change: 'removed', from: one.status } : { ...base, change: 'added', to: one.status }];
  }
  const item = labelOf(from);
  const differences = diffDefinitions(item, from, to);
  const isLaunchEqual = effectiveLaunch(from) === effectiveLaunch(to);
  if (differences.length === 0 && !isLaunchEqual) {
    const said = (unit: SessionUnit) => (unit.launched === undefined ? 'as declared' : 'as before its file was edited');
    differences.push({ ...changed, type: 'unit', item: `${item} launch`, from: said(from), to: said(to) });
  }
  if (from.exe !== to.exe) {
    const said = ({ exe }: SessionUnit) => exe?.slice(0, 'sha256:'.length + 12) ?? 'unknown';
    differences.push({ ...changed, type: 'unit', item: `${item} executable`, from: said(from), to: said(to) });
  }
  if (from.status !== to.status) {
    differences.push({ ...changed, type: 'unit', item, from: from.status, to: to.status });
  }
  return differences;
}

function diffDefinitions(item: string, from: SessionUnit, to: SessionUnit): Difference[] {
  const [before, after] = [flat(from.definition), flat(to.definition)];
  const keys = Array.from(new Set([...before.keys(), ...after.keys()])).sort(compareText);
  return keys.flatMap((key) => {
    const [a, b] = [before.get(key), after.get(key)];
    if (canonicalJson(a ?? null) === canonicalJson(b ?? null)) return [];
    return [{ ...changed, type: 'unit', item: `${item} ${key}`, from: short(a), to: short(b) }];
  });
}

/** The parts of a definition by their keys, `env.set.PORT` among them. */
function flat(value: object, prefix = ''): Map<string, unknown> {
  const parts = new Map<string, unknown>();
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === 'object' && member !== null && !Array.isArray(member)) {
      for (const [below, part] of flat(member as object, `${prefix}${key}.`)) parts.set(below, part);
    } else parts.set(`${prefix}${key}`, member);
  }
  return parts;
}

function short(value: unknown): string {
  const text = typeof value === 'string' ? value : value === undefined ? '-' : canonicalJson(value);
  return text.length <= SHORT ? text : `${text.slice(0, SHORT - 1)}…`;
}
