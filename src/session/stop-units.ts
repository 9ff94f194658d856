import type { StoppedUnit, StopReport } from '../model/session-report.ts';
import type { StopRequest } from '../model/session-request.ts';
import type { SessionContext } from './context.ts';
import { requireSession } from './context.ts';
import { findUnits } from './find-units.ts';
import { whileLocked } from './lock.ts';
import { removeRecord } from './record.ts';
import { refuseDoubtful } from './start.ts';
import { stopProcesses } from './stop.ts';
import { surveyUnits, type SurveyedUnit } from './survey.ts';

/**
 * Stops units with all that belongs to them. One that does not run is fine.
 *
 * @throws {RestageError} `session/ambiguous`, `session/elsewhere`: then none is signalled
 */
export async function stopUnits(request: StopRequest, context: SessionContext): Promise<StopReport> {
  await requireSession(context);
  return whileLocked(context, () => stopLocked(request, context));
}

async function stopLocked({ units: wanted, all }: StopRequest, context: SessionContext): Promise<StopReport> {
  const { units } = await surveyUnits(context, (declared) => (all ? declared : findUnits(wanted, declared)));
  for (const { definition, status } of units) refuseDoubtful(definition, status);
  const stopped = await Promise.all(units.map((unit) => stopUnit(unit, context)));
  return { schema: 'restage/session-stop/1', units: stopped };
}

/** Stops one unit; for who holds the lock and has looked whether it may be touched. */
export async function stopUnit(
  { definition, status, record }: SurveyedUnit,
  context: SessionContext,
): Promise<StoppedUnit> {
  const { name, alias, stop } = definition;
  const known = status.is === 'running' ? [status.identity] : 'leftovers' in status ? status.leftovers : [];
  const pid = status.is === 'running' ? status.identity.pid : null;
  if (known.length === 0 || !record) {
    // What a crash left behind goes too; how the last process ended stays to be read.
    await removeRecord(name, context);
    return { name, alias, outcome: 'was-down', pid, processes: 0 };
  }
  const processes = await stopProcesses({ record, known, stop }, context);
  await context.files.remove(context.paths.exit(name));
  return { name, alias, outcome: 'stopped', pid, processes };
}
