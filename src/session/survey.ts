import type { ProcessRecord } from '../model/process-record.ts';
import type { DefinitionFlaw } from '../model/session-report.ts';
import type { SessionContext } from './context.ts';
import { readDeclarations, type DeclaredUnit } from './definition.ts';
import { readExit, readRecord } from './record.ts';
import { examine, sweepMarks, type Marks, type UnitStatus } from './status.ts';

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

/** Looks at all units, or at some. Changes nothing; environments are swept once, and only if a record asks for it. */
export async function surveyUnits(
  context: SessionContext,
  chosen: (units: readonly DeclaredUnit[]) => readonly DeclaredUnit[] = (units) => units,
): Promise<Survey> {
  const { units, flaws } = await readDeclarations(context);
  let swept: Marks | undefined;
  const marks = () => (swept ??= sweepMarks(context.proc));
  const surveyed: SurveyedUnit[] = [];
  for (const unit of chosen(units)) surveyed.push({ ...unit, ...(await look(unit.definition.name, context, marks)) });
  return { units: surveyed, flaws };
}

/** Looks at one unit by its name, with a sweep of its own. */
export async function surveyUnit(
  name: string,
  context: SessionContext,
): Promise<Pick<SurveyedUnit, 'status' | 'record'>> {
  return look(name, context, () => sweepMarks(context.proc));
}

async function look(
  name: string,
  context: SessionContext,
  marks: () => Marks,
): Promise<Pick<SurveyedUnit, 'status' | 'record'>> {
  const record = await readRecord(name, context);
  return { record, status: examine(record, await readExit(name, context), context, marks) };
}
