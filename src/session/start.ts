import { RestageError } from '../errors.ts';
import type { UnitDefinition } from '../model/session.ts';
import type { StartedUnit, StartReport } from '../model/session-report.ts';
import type { StartRequest } from '../model/session-request.ts';
import type { SessionContext } from './context.ts';
import { requireSession } from './context.ts';
import { declareUnit, type Declaration } from './declare.ts';
import { definitionError, readDeclarations, writeDefinition } from './definition.ts';
import { findUnits } from './find-units.ts';
import { launchUnit, recordEnd, type LaunchedUnit } from './launch.ts';
import { whileLocked } from './lock.ts';
import { obstacleError, prepareLaunch, type PreparedLaunch } from './prepare.ts';
import { readSecrets, writeSecrets } from './secrets.ts';
import type { UnitStatus } from './status.ts';
import { stopProcesses } from './stop.ts';
import { surveyUnit } from './survey.ts';

/** How long a start looks whether its programs die at once, in ms. */
const SETTLE_MS = 100;
/** How long a crashed launch may still be on its way between fork and exec, in ms. */
const FORK_MS = 150;

/**
 * Starts units: one that is typed and declared by that, or those that are declared already. One that runs stays as it is.
 *
 * What can be known before is looked up first (programs, directories, secrets, for all of them): then nothing is
 * declared, nothing written, nothing started.
 */
export async function startUnits(
  request: StartRequest & { readonly directory: string },
  context: SessionContext,
): Promise<StartReport> {
  await requireSession(context);
  return whileLocked(context, () => startLocked(request, context));
}

async function startLocked(
  request: StartRequest & { readonly directory: string },
  context: SessionContext,
): Promise<StartReport> {
  const declarations = await declarationsOf(request, context);
  const prepared: (Declaration & { readonly launch: PreparedLaunch | undefined; readonly status: UnitStatus })[] = [];
  for (const declaration of declarations) {
    const status = await startableStatus(declaration.definition, context);
    const launch = status.is === 'running' ? undefined : await prepare(declaration, context);
    prepared.push({ ...declaration, status, launch });
  }
  const launched: (LaunchedUnit | undefined)[] = [];
  for (const one of prepared) {
    await writeSecrets(one.secrets, context);
    await writeDefinition(one.definition, context);
    launched.push(one.launch && (await launchDeclared(one, one.launch, context)));
  }
  await settle(launched, context);
  const units: StartedUnit[] = [];
  for (const { definition, secrets } of prepared) units.push(await started(definition, secrets, launched, context));
  return { schema: 'restage/session-start/1', units };
}

/** Starts one declared unit unless it runs; for who holds the lock already. */
export async function startDeclared(
  definition: UnitDefinition,
  context: SessionContext,
): Promise<LaunchedUnit | undefined> {
  const status = await startableStatus(definition, context);
  if (status.is === 'running') return undefined;
  const launch = await prepare({ definition, isNew: false, secrets: new Map() }, context);
  return launchUnit(definition, launch, context);
}

/** The status of a unit that is to be started, after what is left of an earlier launch has been ended. */
async function startableStatus(definition: UnitDefinition, context: SessionContext): Promise<UnitStatus> {
  let { status, record } = await surveyUnit(definition, context);
  if (status.is === 'inactive' && record?.phase === 'starting' && record.bootId === context.host.bootId) {
    // Its command died in the middle: what it forked may not have reached its program yet.
    await context.clock.sleep(FORK_MS);
    ({ status, record } = await surveyUnit(definition, context));
  }
  refuseDoubtful(definition, status);
  if ((status.is === 'exited' || status.is === 'lost') && status.leftovers.length > 0 && record) {
    await stopProcesses({ record, known: status.leftovers, stop: definition.stop }, context);
  }
  return status;
}

/** Refuses to touch a unit of which nobody can say what it is. @throws {RestageError} `session/elsewhere`, `session/ambiguous`, `session/busy` */
export function refuseDoubtful({ name, alias }: UnitDefinition, status: UnitStatus): void {
  const unit = alias ?? name;
  if (status.is === 'unknown') {
    throw new RestageError(
      'session/elsewhere',
      `${unit} belongs to ${status.host}, which alone can say whether it runs`,
      {
        details: { unit: name, host: status.host },
      },
    );
  }
  if (status.is === 'ambiguous') {
    const pids = status.candidates.join(', ');
    throw new RestageError('session/ambiguous', `${unit} may be any of the processes ${pids}`, {
      details: { unit: name, candidates: status.candidates },
    });
  }
  if (status.is === 'starting') {
    throw new RestageError('session/busy', `process ${status.by} is starting ${unit}`, { details: { pid: status.by } });
  }
}

async function declarationsOf(
  { units: wanted, ...typed }: StartRequest & { readonly directory: string },
  context: SessionContext,
): Promise<readonly Declaration[]> {
  const { units, flaws } = await readDeclarations(context);
  if (wanted.length === 0) return [await declareUnit(typed, units, context)];
  const isKnown = (name: string) =>
    units.some(({ definition }) => definition.name === name || definition.alias === name);
  const flaw = flaws.find(({ file }) => wanted.some((name) => !isKnown(name) && file.endsWith(`/${name}.yaml`)));
  if (flaw) throw definitionError(flaw);
  return findUnits(wanted, units).map(({ definition }) => {
    const { restart = definition.restart, shutdown = definition.shutdown } = typed;
    return { definition: { ...definition, restart, shutdown }, isNew: false, secrets: new Map() };
  });
}

async function prepare({ definition, secrets }: Declaration, context: SessionContext): Promise<PreparedLaunch> {
  const all = new Map([...(await readSecrets(context)), ...secrets]);
  const prepared = await prepareLaunch(definition, all, context);
  if ('what' in prepared) throw obstacleError(definition.alias ?? definition.name, prepared);
  return prepared;
}

async function launchDeclared(
  { definition, isNew }: Declaration,
  launch: PreparedLaunch,
  context: SessionContext,
): Promise<LaunchedUnit> {
  try {
    return await launchUnit(definition, launch, context);
  } catch (error) {
    if (isNew) await context.files.remove(context.paths.definition(definition.name));
    throw error;
  }
}

/** Looks for a moment whether programs end at once, and keeps how they did. What ends later nobody has seen. */
async function settle(launched: readonly (LaunchedUnit | undefined)[], context: SessionContext): Promise<void> {
  const units = launched.filter((unit) => unit !== undefined);
  if (units.length === 0) return;
  const enough = new AbortController();
  const ended = new Set<LaunchedUnit>();
  for (const unit of units) {
    void unit.ended.then(() => {
      ended.add(unit);
      if (ended.size === units.length) enough.abort(new Error('all have ended'));
    });
  }
  await context.clock.sleep(SETTLE_MS, enough.signal).catch(() => undefined);
  for (const unit of Array.from(ended)) await recordEnd(unit, context);
}

async function started(
  definition: UnitDefinition,
  secrets: ReadonlyMap<string, string>,
  launched: readonly (LaunchedUnit | undefined)[],
  context: SessionContext,
): Promise<StartedUnit> {
  const { name, alias, restart } = definition;
  const { status } = await surveyUnit(definition, context);
  const isNew = launched.some((unit) => unit?.record.name === name);
  const end = status.is === 'exited' ? status : { code: null, signal: null };
  return {
    ...{ name, alias },
    outcome: status.is !== 'running' ? 'died' : isNew ? 'started' : 'already-running',
    pid: status.is === 'running' ? status.identity.pid : null,
    ...{ code: end.code, signal: end.signal, restart, secrets: [...secrets.keys()] },
  };
}
