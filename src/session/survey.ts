import type { UnitDefinition } from '../model/session.ts';
import type { ProcessRecord } from '../model/process-record.ts';
import type { DefinitionFlaw } from '../model/session-report.ts';
import type { SessionContext } from './context.ts';
import { readDeclarations, type DeclaredUnit } from './definition.ts';
import { readExit, readRecord } from './record.ts';
import { rebuildRecord } from './rebuild-record.ts';
import { examine, sweepMarks, type MarkedProcess, type UnitStatus } from './status.ts';

/** A declared unit as it is at this moment. */
export interface SurveyedUnit extends DeclaredUnit {
  readonly status: UnitStatus;
  readonly record: ProcessRecord | undefined;
}

/** All units of a session as they are, and the files that cannot be read. */
export interface Survey {
  readonly units: readonly SurveyedUnit[];
  readonly flaws: readonly DefinitionFlaw[];
}

/** Looks at all units, or at some. Changes nothing; environments are swept once, and only where a unit is not at its place. */
export async function surveyUnits(
  context: SessionContext,
  chosen: (units: readonly DeclaredUnit[]) => readonly DeclaredUnit[] = (units) => units,
): Promise<Survey> {
  const { units, flaws } = await readDeclarations(context);
  const marks = sweepOnce(context);
  const surveyed: SurveyedUnit[] = [];
  for (const unit of chosen(units)) surveyed.push({ ...unit, ...(await look(unit.definition, context, marks)) });
  return { units: surveyed, flaws };
}

/** Looks at one unit, with a sweep of its own. */
export async function surveyUnit(
  definition: UnitDefinition,
  context: SessionContext,
): Promise<Pick<SurveyedUnit, 'status' | 'record'>> {
  return look(definition, context, sweepOnce(context));
}

type Sweep = () => readonly MarkedProcess[];

function sweepOnce({ proc }: SessionContext): Sweep {
  let swept: readonly MarkedProcess[] | undefined;
  return () => (swept ??= sweepMarks(proc));
}

async function look(
  definition: UnitDefinition,
  context: SessionContext,
  marks: Sweep,
): Promise<Pick<SurveyedUnit, 'status' | 'record'>> {
  const { name } = definition;
  const record = await readRecord(name, context);
  const status = examine(record, await readExit(name, context), context, marks);
  if (status.is !== 'inactive' && status.is !== 'exited' && status.is !== 'lost') return { record, status };
  if ('leftovers' in status && status.leftovers.length > 0) return { record, status };
  // The record may be gone or old while the process is not: it says itself whose it is.
  const rebuilt = await rebuildRecord(definition, marks(), context);
  if (!rebuilt?.identity) return { record, status };
  return { record: rebuilt, status: { is: 'running', identity: rebuilt.identity, record: rebuilt } };
}
