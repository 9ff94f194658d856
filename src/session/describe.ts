import type { SessionBody } from '../model/session.ts';
import type { Description } from '../snapshot/layer.ts';

/** A session for people: how many units, and a row for each. */
export function describeSession({ units }: SessionBody): Description {
  const all = Object.values(units);
  const up = all.filter(({ status }) => status === 'up').length;
  const noun = all.length === 1 ? 'unit' : 'units';
  return {
    headline: `${all.length} ${noun}, ${up} up`,
    columns: ['unit', 'alias', 'status', 'restart', 'runs'],
    rows: all.map(({ definition, status, host }) => [
      definition.name,
      definition.alias ?? '-',
      host === undefined ? status : `${status} (on ${host})`,
      definition.restart,
      definition.command?.join(' ') ?? definition.uri,
    ]),
  };
}
