import { RestageError } from '../errors.ts';
import type { DeclaredUnit } from './definition.ts';
import { matchesGlob } from './environment.ts';

/**
 * The units that are meant by names, aliases and patterns, each once, in the order of their names.
 *
 * @throws {RestageError} `session/unknown-unit` for one that means none, with near names
 */
export function findUnits(wanted: readonly string[], units: readonly DeclaredUnit[]): readonly DeclaredUnit[] {
  const chosen = new Set<DeclaredUnit>();
  for (const text of wanted) {
    const exact = units.filter(({ definition }) => definition.alias === text || definition.name === text);
    const found = exact.length > 0 ? exact : /[*?]/.test(text) ? units.filter((unit) => isMatch(unit, text)) : [];
    if (found.length === 0) throw unknown(text, units);
    for (const unit of found) chosen.add(unit);
  }
  return units.filter((unit) => chosen.has(unit));
}

function isMatch({ definition: { name, alias } }: DeclaredUnit, pattern: string): boolean {
  return matchesGlob(name, pattern) || (alias !== null && matchesGlob(alias, pattern));
}

function unknown(text: string, units: readonly DeclaredUnit[]): RestageError {
  const names = units.flatMap(({ definition: { name, alias } }) => (alias === null ? [name] : [alias, name]));
  const near = names.filter((name) => distance(name, text) <= 2 || name.startsWith(text) || name.includes(text));
  return new RestageError('session/unknown-unit', `there is no unit ${text}`, {
    ...(near.length > 0 && { hint: `Did you mean ${near.slice(0, 3).join(', ')}?` }),
    details: { unit: text, near },
  });
}

/** How many letters have to be changed, added or taken away. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(a).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(b).entries()) {
      const swap = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
